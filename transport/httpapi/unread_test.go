package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/transport/httpapi"
)

// Strangers who ask for tiles and do not read them keep nobody else from the log.
func TestUnreadAnswersHoldNoPlace(t *testing.T) {
	t.Parallel()
	var cfg httpapi.Config
	l := newSealedLog(t, func(c *httpapi.Config) { cfg = *c })
	l.seal()
	cfg.Metrics = prometheus.NewRegistry()
	handler := httpapi.New(cfg)
	read := make(chan struct{}) // closed when the strangers read at last
	unread := make(chan struct{})
	ended := make(chan struct{})
	const strangers = 10
	for range strangers {
		go func() {
			defer func() { ended <- struct{}{} }()
			w := stranger{httptest.NewRecorder(), unread, read}
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/tile/0/000.p/1", nil))
		}()
	}
	for range strangers {
		select {
		case <-unread:
		case <-ended:
			t.Fatal("an answer was not even begun")
		}
	}
	got := httptest.NewRecorder()
	handler.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/checkpoint", nil))
	if got.Code != http.StatusOK {
		t.Errorf("the checkpoint meanwhile: %d %s", got.Code, got.Body)
	}
	close(read)
	for range strangers {
		<-ended
	}
}

// stranger does not read what is written.
type stranger struct {
	*httptest.ResponseRecorder
	unread chan<- struct{} // gets one when something is written
	read   <-chan struct{}
}

func (s stranger) Write(b []byte) (int, error) {
	s.unread <- struct{}{}
	<-s.read
	return len(b), nil
}
