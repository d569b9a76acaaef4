package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/eventstore/logkey"
)

const (
	// briefly is how long caches may keep a checkpoint, and the keys: they go out of date, and are right even then.
	briefly = "public, max-age=2"
	// forever is how long they may keep what never changes.
	forever = "public, max-age=31536000, immutable"
	// sealing is after how long to ask again for what is not sealed yet.
	sealing = 5 * time.Second
)

// plainText is the type of answers for people and for other tools.
const plainText = "text/plain; charset=utf-8"

// publish has the calls of the transparency log. Whoever is asked to trust the log may check it, so they need no
// token; none of them tells what anybody wrote.
func (a *api) publish() {
	tags := []string{"transparency log"}
	registerPublic(a, huma.Operation{
		OperationID: "get-checkpoint", Method: http.MethodGet, Path: "/checkpoint", Tags: tags,
		Summary:     "The latest checkpoint",
		Description: "A signed note (C2SP tlog-checkpoint) over size and root of the log's Merkle tree. Before the first one: 404 with Retry-After.",
		Responses:   textAnswer("text/plain"), Errors: []int{http.StatusNotFound},
	}, a.checkpoint)
	registerPublic(a, huma.Operation{
		OperationID: "get-log-key", Method: http.MethodGet, Path: "/api/log-key", Tags: tags,
		Summary:     "The keys that sign checkpoints",
		Description: "Verifier keys (C2SP signed-note), one a line, the newest first. Older ones vouch for older checkpoints.",
		Responses:   textAnswer("text/plain"),
	}, a.logKeys)
	registerPublic(a, huma.Operation{
		OperationID: "get-consistency-proof", Method: http.MethodGet, Path: "/api/log/proof/consistency", Tags: tags,
		Summary:     "Proof that one tree begins another",
		Description: "RFC 6962 §2.1.2, for any two sizes up to that of the latest checkpoint.",
		Errors:      []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, a.consistency)
	a.publishTiles(tags)
	a.publishAnnouncements(tags)
	for _, path := range []string{"/checkpoint", "/api/log/proof/consistency"} {
		orLater(a.huma.OpenAPI().Paths[path].Get)
	}
}

// registerPublic adds a call that needs no token.
func registerPublic[In, Out any](a *api, op huma.Operation, handle func(context.Context, *In) (*Out, error)) {
	op.SkipValidateParams = true // checked here, to name field and code
	op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		done, err := a.turn(ctx)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		defer done()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// cacheable is an answer that caches may keep.
type cacheable[T any] struct {
	ContentType  string `header:"Content-Type" hidden:"true"`
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         T
}

// textAnswer describes an answer 200 that is text of these types.
func textAnswer(types ...string) map[string]*huma.Response {
	content := make(map[string]*huma.MediaType, len(types))
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Response{"200": {Description: http.StatusText(http.StatusOK), Content: content}}
}

// sealedTree returns the latest sealed tree, or a problem while there is none.
func (a *api) sealedTree(ctx context.Context) (size int64, checkpoint string, err error) {
	size, checkpoint, err = a.Tree.Latest(ctx)
	if err == nil && size == 0 {
		err = unsealed("nothing of the log is sealed yet")
	}
	return size, checkpoint, err
}

// unsealed is the answer to who asks too early.
func unsealed(what string) *Problem {
	p := newProblem(codeNotFound, "", what+": try again in a few seconds")
	p.RetryAfter = sealing.Seconds()
	p.retryAfter(sealing)
	return p
}

func (a *api) checkpoint(ctx context.Context, _ *struct{}) (*cacheable[[]byte], error) {
	_, checkpoint, err := a.sealedTree(ctx)
	if err != nil {
		return nil, err
	}
	return &cacheable[[]byte]{plainText, briefly, []byte(checkpoint)}, nil
}

func (a *api) logKeys(ctx context.Context, _ *struct{}) (*cacheable[[]byte], error) {
	keys, err := logkey.ReadAnnounced(ctx, a.Log)
	if err != nil {
		return nil, err
	}
	var lines strings.Builder
	for _, k := range keys {
		lines.WriteString(k.Verifier + "\n")
	}
	return &cacheable[[]byte]{plainText, briefly, []byte(lines.String())}, nil
}

// consistencyProof shows that the tree of size From begins the tree of size To.
type consistencyProof struct {
	From int64    `json:"from" minimum:"1" doc:"the smaller tree's size"`
	To   int64    `json:"to" minimum:"1" doc:"the larger tree's size"`
	Path []string `json:"path" nullable:"false" doc:"hashes in base64, as RFC 6962 §2.1.2 orders them; empty between equal sizes"`
}

func (a *api) consistency(ctx context.Context, in *struct {
	From positive `query:"from" required:"true" doc:"the smaller tree's size, 1 or more"`
	To   positive `query:"to" required:"true" doc:"the larger tree's size, at most the latest checkpoint's"`
}) (*cacheable[consistencyProof], error) {
	switch {
	case !in.From.given:
		return nil, missing("from")
	case !in.To.given:
		return nil, missing("to")
	case in.From.value < 1:
		return nil, invalid("from", "must be 1 or more: the empty tree begins every tree")
	case in.From.value > in.To.value:
		return nil, invalid("from", "must be at most to: the smaller tree comes first")
	}
	size, _, err := a.sealedTree(ctx)
	if err != nil {
		return nil, err
	}
	if in.To.value > size {
		return nil, invalid("to", fmt.Sprintf("must be at most %d, the size of the latest checkpoint", size))
	}
	path, err := a.Tree.Consistency(ctx, in.From.value, in.To.value)
	if err != nil {
		return nil, err
	}
	proof := consistencyProof{in.From.value, in.To.value, base64s(path)}
	return &cacheable[consistencyProof]{"application/json", forever, proof}, nil
}
