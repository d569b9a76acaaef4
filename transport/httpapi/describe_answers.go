package httpapi

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/transport/frame"
)

// completeDescription adds what is the same for all calls, and so stands at none of them: headers, what each status
// means, words for fields that many have, and examples.
func completeDescription(api *huma.OpenAPI) {
	for _, s := range api.Components.Schemas.Map() {
		explainFields(s)
	}
	for path, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Put, item.Delete} {
			if op != nil {
				completeCall(api, path, op)
			}
		}
	}
}

func completeCall(api *huma.OpenAPI, path string, op *huma.Operation) {
	for _, p := range op.Parameters {
		explainParameter(path, p)
	}
	if op.RequestBody != nil {
		op.RequestBody.Required = true // huma says so only where it looks itself
		op.RequestBody.Description = "A JSON object. Unknown fields are ignored, null is as good as absent, and a field given twice is refused."
		addExamples(api, op.RequestBody.Content)
	}
	if op.Responses[strconv.Itoa(http.StatusInternalServerError)] == nil {
		addFailure(op, http.StatusInternalServerError)
	}
	_, repeatable := op.Responses["201"]
	for text, response := range op.Responses {
		status, err := strconv.Atoi(text)
		if err != nil {
			continue // huma's default
		}
		explainAnswer(status, repeatable, response)
		addHeaders(status, op.Security != nil, response)
		addExamples(api, response.Content)
	}
}

// addFailure describes one more problem that a call may answer with.
func addFailure(op *huma.Operation, status int) {
	op.Responses[strconv.Itoa(status)] = &huma.Response{
		Description: http.StatusText(status),
		Content: map[string]*huma.MediaType{
			new(Problem).ContentType(""): {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		},
	}
}

// success says what the statuses of success mean, where a call does not say it itself.
var success = map[int]string{
	http.StatusOK:        "What was asked for",
	http.StatusCreated:   "It was made",
	http.StatusNoContent: "Done, also if it was so already",
}

// failure is what a status of failure means, with an example.
type failure struct {
	meaning string
	code    frame.Code
	field   string
	detail  string
}

var failures = map[int]failure{
	http.StatusBadRequest: {
		"The body is not JSON, or did not arrive", frame.InvalidJSON, "", "the body is not valid JSON",
	},
	http.StatusUnauthorized: {
		"Not logged in: detail says why", frame.Unauthenticated, "", "token expired",
	},
	http.StatusForbidden: {
		"The caller may see it, but his role or his part in it does not suffice", frame.Forbidden, "", "only an admin may do this",
	},
	http.StatusNotFound: {
		"It does not exist, or the caller may not know that it does", codeNotFound, "id", "there is no such user",
	},
	http.StatusConflict: {
		"It cannot be done, or not any more: detail says why", codeConflict, "", "the message was released already",
	},
	http.StatusRequestEntityTooLarge: {
		"The body is longer than 128 KiB", frame.TooLarge, "", "the body is longer than 131072 bytes",
	},
	http.StatusUnprocessableEntity: {
		"Something in the request breaks a rule: code and field say what, detail what to do", frame.MissingField, "title", "title is missing",
	},
	http.StatusTooManyRequests: {
		"Too many requests lately: wait as long as Retry-After says", frame.RateLimited, "", "too many requests: wait and try again",
	},
	http.StatusInternalServerError: {
		"Something went wrong on the server, whose log tells more under X-Request-Id", frame.Internal, "", "something went wrong on the server",
	},
	http.StatusServiceUnavailable: {
		"The server cannot do it at the moment: with unavailable nothing was stored, with internal it is not known",
		frame.Unavailable, "", "the server has not caught up yet: try again",
	},
}

func explainAnswer(status int, repeatable bool, r *huma.Response) {
	if media := r.Content[new(Problem).ContentType("")]; media != nil && media.Example == nil {
		f := failures[status]
		media.Example = newProblem(f.code, f.field, f.detail).as(status)
	}
	if r.Description != http.StatusText(status) {
		return // the call says it itself
	}
	r.Description = failures[status].meaning
	switch {
	case status == http.StatusOK && repeatable:
		r.Description = "It was made before, by a request with the same Idempotency-Key"
	case status < http.StatusBadRequest:
		r.Description = success[status]
	}
}

// addHeaders describes the headers that an answer has because of its status.
func addHeaders(status int, ofUser bool, r *huma.Response) {
	add := func(name string, schema *huma.Schema, certain bool, doc string) {
		if r.Headers == nil {
			r.Headers = make(map[string]*huma.Header)
		}
		r.Headers[name] = &huma.Header{Schema: schema, Required: certain, Description: doc}
	}
	text := &huma.Schema{Type: huma.TypeString}
	whole := new(number).Schema(nil)
	_, problem := r.Content[new(Problem).ContentType("")]
	add("X-Request-Id", &huma.Schema{Type: huma.TypeString, Format: "uuid"}, true, "the request's name in the server's log")
	if ofUser && status != http.StatusUnauthorized {
		add(positionHeader, whole, status < http.StatusMultipleChoices, "a read shows everything up to it; a write says what it appended")
	}
	switch {
	case status == http.StatusUnauthorized:
		add("WWW-Authenticate", text, true, "the challenge of RFC 6750 §3, with the same reason as detail")
	case problem && slices.Contains([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}, status):
		add("Retry-After", whole, true, "seconds, after which it may work")
	}
}

// orLater says that a call answers 404 for what is not sealed yet, and when to ask again.
func orLater(op *huma.Operation) {
	op.Responses["404"].Headers = map[string]*huma.Header{"Retry-After": {
		Schema: new(number).Schema(nil), Description: "seconds, where it is only not sealed yet",
	}}
}
