package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"chainmail/domain"
)

// Who sends too long a body hears so, although the connection ends with the answer.
func TestTooLongABody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.register("Alice", domain.RoleMember, "")
	body := strings.Repeat("x", 1<<20)
	for range 20 {
		w.call(alice.token, http.MethodPost, "/api/messages/read", body).problem(http.StatusRequestEntityTooLarge, "too_large", "")
	}
}
