package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/login"
)

// positionHeader says up to where an answer shows everything, or where a write stands in the log.
const positionHeader = "Chainmail-Position"

// api has what the handlers work with.
type api struct {
	Config
	mux    *http.ServeMux
	huma   huma.API
	prober *prober
	counts *metrics
	sealed atomic.Int64  // the size of a sealed tree
	public chan struct{} // holds one for each public call under way, at most publicAtOnce
}

// New returns the handler of all paths under /api and /tile, of /checkpoint, /openapi.json, /asyncapi.json, /docs, /healthz, /readyz
// and /metrics. Other paths are answered with a problem, 404.
func New(cfg Config) http.Handler {
	a := &api{Config: cfg, mux: http.NewServeMux(), prober: newProber(cfg.Health), public: make(chan struct{}, publicAtOnce)}
	a.counts = newMetrics(cfg.Metrics)
	a.offer()
	a.mux.HandleFunc("GET /openapi.json", serveMade(a.description))
	a.mux.HandleFunc("GET /asyncapi.json", serveMade(a.AsyncAPI))
	a.mux.HandleFunc("GET /docs", serveDocs)
	a.mux.HandleFunc("GET /healthz", serveMade(func() []byte { return []byte(`{"status":"ok"}`) }))
	a.mux.HandleFunc("GET /readyz", a.ready)
	a.serveMetrics()
	return a.trace(a.cors(http.HandlerFunc(a.route)))
}

// Describe returns the description of the API that New serves at /openapi.json where the server makes the tokens itself and
// has metrics. It needs no server.
func Describe() []byte {
	a := &api{Config: Config{Login: new(login.Service), Gatherer: prometheus.NewRegistry()}, mux: http.NewServeMux()}
	a.offer()
	return a.description()
}

// offer adds all calls to the mux, and to their description.
func (a *api) offer() {
	a.huma = humago.New(a.mux, a.describe())
	a.logins()
	a.sessions()
	a.users()
	a.conversations()
	a.participants()
	a.blocks()
	a.messages()
	a.review()
	a.projects()
	a.tasks()
	a.notifications()
	a.announcements()
	a.syncs()
	a.conversationFrames()
	a.proofs()
	a.publish()
	a.publishBatches()
	a.stats()
	a.describeHealth()
	completeDescription(a.huma.OpenAPI())
}

// description is what offer has described.
func (a *api) description() []byte {
	spec, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		panic(fmt.Sprintf("describe the API: %v", err)) // it is the same in every server
	}
	return spec
}

// route answers with problems where the mux would answer in plain text.
func (a *api) route(w http.ResponseWriter, r *http.Request) {
	handler, pattern := a.mux.Handler(r)
	if pattern != "" {
		a.mux.ServeHTTP(w, r)
		return
	}
	r.Pattern = "" // that of a mux before this one
	probe := probe{header: w.Header()}
	handler.ServeHTTP(&probe, r)
	p := newProblem(codeNotFound, "", "there is nothing here: see /docs")
	if probe.status == http.StatusMethodNotAllowed {
		p.as(probe.status).Detail = r.Method + " is not possible here: see the header Allow"
	}
	p.write(w)
}

// probe is a response whose status alone matters.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

// call is one request of a user.
type call struct {
	actor   domain.Actor
	role    domain.Role
	admin   bool
	trusted bool        // an admin or a service
	from    source      // what is read
	header  http.Header // of the answer
}

// user is who calls.
func (c *call) user() domain.ID { return c.actor.ID }

// at sets the position that the answer shows.
func (c *call) at(position domain.Position) {
	c.header.Set(positionHeader, strconv.FormatInt(int64(position), 10))
}

type callKey struct{}

// answer is an answer with a body.
type answer[T any] struct {
	Status int
	Body   T
}

func ok[T any](body T) *answer[T]      { return &answer[T]{http.StatusOK, body} }
func created[T any](body T) *answer[T] { return &answer[T]{http.StatusCreated, body} }

// list is a page of things.
type list[T any] struct {
	Items      []T     `json:"items" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"what to send as cursor for the next page; null on the last"`
}

// register adds a call that needs a token, and reads the tables of the projection messages if any. The errors of its
// handler become problems.
func register[In, Out any](a *api, op huma.Operation, handle func(context.Context, *call, *In) (*Out, error)) {
	registerFrom(a, a.fromMessages(), op, handle)
}

// registerFrom is register for a call with another source.
func registerFrom[In, Out any](
	a *api, from source, op huma.Operation, handle func(context.Context, *call, *In) (*Out, error),
) {
	op.SkipValidateParams, op.SkipValidateBody = true, true // checked here, to name field and code
	op.Security = []map[string][]string{{"bearer": {}}}
	op.Middlewares = huma.Middlewares{a.authenticate(from)}
	if op.Method == http.MethodGet {
		op.Parameters = append(op.Parameters, minPositionParam())
		op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
		op.Middlewares = append(op.Middlewares, a.waitForMinPosition)
	}
	if _, body := reflect.TypeFor[In]().FieldByName("Body"); body {
		op.MaxBodyBytes = maxBody + 1 // readBody refuses before
		op.BodyReadTimeout = -1       // readBody has its own
		op.Middlewares = append(op.Middlewares, readBody)
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	}
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusServiceUnavailable)
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		c := ctx.Value(callKey{}).(*call)
		out, err := handle(ctx, c, in)
		var blocked *command.Blocked
		switch {
		case err == nil:
			return out, nil
		case errors.As(err, &blocked):
			return nil, c.blocked(blocked)
		}
		return nil, a.problem(ctx, err)
	})
}
