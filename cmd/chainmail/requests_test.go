package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"chainmail/transport/httpapi/openapitest"
)

// requests makes requests from a description of calls, and from nothing else that is known of the server.
type requests struct {
	*rand.Rand
	document *openapitest.Document
	calls    []*openapitest.Operation
	tokens   []string // of several users; the empty one is none
	pool     *pool
	told     string                          // whose the first thing is that a request is about
	lacking  func() []*openapitest.Operation // calls that have not succeeded yet
}

// request is what goes over the wire, byte by byte.
type request struct {
	op      *openapitest.Operation // that it was made from
	spoiled string                 // what is wrong with it; empty for nothing
	refused bool                   // it breaks what the description says, so it must not succeed
	token   string                 // whose it is
	rude    bool                   // net/http may refuse it before the program sees it

	method string
	path   string // with its query
	header [][2]string
	body   []byte // nil for none
}

// next draws a request: one in two keeps to the description, the others break one rule.
func (g *requests) next() *request {
	op := g.calls[g.IntN(len(g.calls))]
	if lacking := g.lacking(); len(lacking) > 0 && g.IntN(4) == 0 {
		op = lacking[g.IntN(len(lacking))]
	}
	if op.Method == http.MethodGet && g.IntN(2) == 0 { // what is made is what there is to read
		op = g.calls[g.IntN(len(g.calls))]
	}
	q := &request{op: op, method: op.Method}
	g.told = ""
	path, query := op.Path, url.Values{}
	for _, p := range op.Parameters {
		if !p.Required && g.IntN(3) > 0 {
			continue
		}
		kind := kindOf(p.Name)
		if p.Name == "cursor" {
			kind = op.ID
		}
		switch p.In {
		case "path":
			value := fmt.Sprint(g.value(p.Schema, kindOfPath(op.Path, p.Name), p.Name))
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(value), 1)
		case "query":
			query.Set(p.Name, fmt.Sprint(g.value(p.Schema, kind, p.Name)))
		case "header":
			if p.Name == minPosition {
				q.header = append(q.header, [2]string{minPosition, g.position()})
				continue
			}
			q.header = append(q.header, [2]string{p.Name, oneLine(fmt.Sprint(g.value(p.Schema, kind, p.Name)))})
		}
	}
	if q.path = path; len(query) > 0 {
		q.path += "?" + query.Encode()
	}
	var body any
	if op.RequestBody != nil {
		body = g.value(op.RequestBody.Content["application/json"].Schema, "", "")
		q.body = encodeJSON(body)
	}
	if q.token = g.tokens[g.IntN(len(g.tokens))]; g.told != "" && g.IntN(3) > 0 {
		q.token = g.told
	}
	if q.token != "" {
		q.header = append(q.header, [2]string{"Authorization", "Bearer " + q.token})
	}
	if g.IntN(2) == 0 {
		g.spoil(q, body)
	}
	return q
}

// minPosition is a header with a position that a read has to show.
const minPosition = "Chainmail-Min-Position"

// beyond is a position that no log has.
const beyond = "9223372036854775807"

// position is one that the server named before, and seldom one that makes it wait in vain.
func (g *requests) position() string {
	known, ok := g.take(minPosition)
	switch {
	case g.IntN(200) == 0:
		return beyond
	case !ok:
		return "1"
	}
	return known
}

// oneLine leaves of a text what can stand in a header.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, text))
}

func encodeJSON(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was made of plain values
	}
	return raw
}

// bytes is the request as HTTP/1.1 writes it, with nothing checked.
func (q *request) bytes(host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", q.method, q.path, host)
	for _, h := range q.header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	sized := slices.ContainsFunc(q.header, func(h [2]string) bool { return h[0] == "Transfer-Encoding" })
	if q.body != nil && !sized {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(q.body))
	}
	b.WriteString("\r\n")
	b.Write(q.body)
	return b.Bytes()
}

// String shows a request in a failed test.
func (q *request) String() string {
	text := fmt.Sprintf("%s %.300s", q.method, q.path)
	for _, h := range q.header {
		if h[0] != "Authorization" {
			text += fmt.Sprintf("\n  %s: %.100q", h[0], h[1])
		}
	}
	return text + fmt.Sprintf("\n  %d bytes: %.400q\n  wrong with it: %q", len(q.body), q.body, q.spoiled)
}

// callsOf are the calls of a document that have to do with users. Those for the machine's health are called once at the end.
func callsOf(d *openapitest.Document) []*openapitest.Operation {
	return slices.DeleteFunc(d.Operations(), func(op *openapitest.Operation) bool {
		return op.Method == http.MethodGet && slices.Contains(op.Tags, "health")
	})
}
