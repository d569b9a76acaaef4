package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"chainmail/transport/httpapi/openapitest"
)

// spoil makes one thing wrong with a request: its body if it has one, or else its path, its query, its method or a header.
func (g *requests) spoil(q *request, body any) {
	object, ok := body.(map[string]any)
	switch n := g.IntN(10); {
	case ok && n < 4:
		g.spoilField(q, object)
	case ok && n < 6:
		g.spoilBytes(q)
	case n < 8:
		g.spoilPath(q)
	case n < 9:
		g.spoilHeader(q)
	default:
		methods := []string{"PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "HEAD", "GET", "BREW", "get"}
		q.method = methods[g.IntN(len(methods))]
		q.spoiled = "the method"
	}
}

// spoilField gives a body that is JSON and breaks a rule.
func (g *requests) spoilField(q *request, object map[string]any) {
	schema := q.op.RequestBody.Content["application/json"].Schema.Target()
	names := slices.Sorted(maps.Keys(schema.Properties))
	name := names[g.IntN(len(names))]
	field, required := schema.Properties[name].Target(), slices.Contains(schema.Required, name)
	switch g.IntN(8) {
	case 0:
		delete(object, name)
		q.spoiled, q.refused = name+" is missing", required
	case 1:
		object[name] = nil
		q.spoiled, q.refused = name+" is null", required
	case 2:
		object[name], q.refused = g.otherType(field)
		q.spoiled = name + " has another type"
	case 3:
		object[name] = tooLong(field)
		q.spoiled, q.refused = name+" is too long", field.MaxLength != nil || field.MaxItems != nil || len(field.Enum) > 0 || field.Format != ""
	case 4:
		bad := []string{"nul \x00 within", "", " \t\n", "\x1b[2J", strings.Repeat("\u0301", 40), "12345678-1234-1234-1234-12345678901", "urn:uuid:x"}
		object[name] = bad[g.IntN(len(bad))]
		q.spoiled = fmt.Sprintf("%s is %q", name, object[name])
	case 5:
		object["surprise"] = map[string]any{"deep": []any{1, nil, "x"}}
		q.spoiled = "one more field"
	case 6:
		object[strings.ToUpper(name)] = object[name]
		delete(object, name)
		q.spoiled, q.refused = name+" in capitals", required
	default:
		object[name] = map[string]any{"$ref": "#/x", "__proto__": nil}
		q.spoiled, q.refused = name+" is an object", true
	}
	q.body = encodeJSON(object)
}

// otherType is a value of a type that a schema does not have.
func (g *requests) otherType(s *openapitest.Schema) (value any, other bool) {
	all := []any{true, 7, -1.5, "text", []any{}, []any{[]any{"x"}}, map[string]any{}, 1e300}
	value = all[g.IntN(len(all))]
	return value, len(s.Faults(decoded(value), "")) > 0
}

// decoded is a value as encoding/json would have it.
func decoded(value any) any {
	if n, ok := value.(int); ok {
		return float64(n)
	}
	return value
}

func tooLong(s *openapitest.Schema) any {
	switch {
	case s.MaxItems != nil:
		list := make([]string, *s.MaxItems+1)
		for i := range list {
			list[i] = fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		}
		return list
	case s.MaxLength != nil:
		return strings.Repeat("a", *s.MaxLength+1)
	}
	return strings.Repeat("a", 20_000)
}

// spoilBytes gives a body that is not quite JSON, or no object.
func (g *requests) spoilBytes(q *request) {
	raw := q.body
	deep := func(open, end string) []byte {
		return []byte(`{"x":` + strings.Repeat(open, 20_000) + "1" + strings.Repeat(end, 20_000) + "}")
	}
	inside := func(what string) []byte { return bytes.Replace(raw, []byte(`":"`), []byte(`":"`+what), 1) }
	bodies := []struct {
		what    string
		raw     []byte
		refused bool
	}{
		{"no body", nil, true},
		{"an empty body", []byte{}, true},
		{"null", []byte("null"), true},
		{"a list", []byte("[" + string(raw) + "]"), true},
		{"a text", []byte(`"text"`), true},
		{"a number", []byte("1e999"), true},
		{"cut off", raw[:len(raw)-1-g.IntN(len(raw)-1)], true},
		{"two bodies", slices.Concat(raw, raw), true},
		{"malformed UTF-8", inside("\xff\xc0\x80"), bytes.Contains(raw, []byte(`":"`))},
		{"half of a surrogate pair", inside(`\ud83d`), false},
		{"halves the wrong way round", inside(`\udc00\ud800`), false},
		{"NUL", inside(`\u0000`), false},
		{"a bare control character", inside("\x01"), bytes.Contains(raw, []byte(`":"`))},
		{"given twice", slices.Concat(raw[:len(raw)-1], []byte(","), raw[1:]), len(raw) > 2},
		{"deep lists", deep("[", "]"), true},
		{"deep objects", deep(`{"x":`, "}"), true},
		{"a huge number", []byte(`{"limit":1e400,"n":` + strings.Repeat("9", 5_000) + "}"), false},
		{"too large", slices.Concat(raw[:len(raw)-1], []byte(`,"pad":"`), bytes.Repeat([]byte("x"), 200_000), []byte(`"}`)), true},
		{"a mark before it", slices.Concat([]byte("\xef\xbb\xbf"), raw), true},
		{"UTF-16", []byte("\xff\xfe{\x00}\x00"), true},
		{"white space around it", slices.Concat([]byte(" \n\t"), raw, []byte("\r\n ")), false},
	}
	b := bodies[g.IntN(len(bodies))]
	q.spoiled, q.body, q.refused = b.what, b.raw, b.refused
}

// spoilPath gives another path or query.
func (g *requests) spoilPath(q *request) {
	path, query, _ := strings.Cut(q.path, "?")
	at := strings.LastIndexByte(path, '/') + 1
	segments := []string{
		"%00", "%ff%fe", "1", "null", "..%2f..%2fetc", strings.Repeat("a", 2_000), "00000000-0000-0000-0000-000000000000",
		strings.ToUpper(path[at:]), "{id}", "%F0%9F%92%A9", "-1", "99999999999999999999", "'", "a;b=c", path[at:] + "%0a",
	}
	queries := []string{
		"limit=0", "limit=-1", "limit=999999999999999999999", "limit=1e3", "limit=%00", "limit=", "limit=5&limit=x", "limit[]=1",
		"cursor=%00", "cursor=!!", "cursor=" + strings.Repeat("A", 4_000), "cursor=" + g.bentCursor(), "cursor=" + g.bentCursor(),
		"before=-1", "before=0", "after=9223372036854775807", "before=9223372036854775807&after=9223372036854775806", "after=9223372036854775808",
		"query=%00%00%00", "query=%ff%ff%ff%ff", "query=" + strings.Repeat("%25", 300), "query=___", "query=%5C%5C%5C", "since=-1", "since=9e9",
		"since=9223372036854775807", "since=1&since=2", "project_id=x", "project_id=%00", "format=xml", "%zz", "a=%", ";", "&&&=", "from=0&to=0", "from=1&to=1",
		"from=2&to=1", "from=1&to=9223372036854775807", "unknown=1",
	}
	switch g.IntN(5) {
	case 0:
		q.path = path[:at] + segments[g.IntN(len(segments))]
		if query != "" {
			q.path += "?" + query
		}
	case 1:
		q.path = path + "/" + segments[g.IntN(len(segments))]
	default:
		q.path = path + "?" + queries[g.IntN(len(queries))]
	}
	q.spoiled = "the path or the query"
}

// bentCursor is a cursor of the server's with another place in it.
func (g *requests) bentCursor() string {
	cursor, _ := g.take("cursor of " + g.calls[g.IntN(len(g.calls))].ID)
	raw, _ := base64.RawURLEncoding.DecodeString(cursor)
	list, _, _ := strings.Cut(string(raw), "\n")
	places := []string{"", "-1", "0", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "x", "\x00", "\xff", "after 1", "before x", "after -9223372036854775808", "after 9223372036854775807", "before -9223372036854775808", "1 2", "\n"}
	return base64.RawURLEncoding.EncodeToString([]byte(list + "\n" + places[g.IntN(len(places))]))
}

// spoilHeader adds a header, or takes the token away.
func (g *requests) spoilHeader(q *request) {
	headers := []struct {
		name, value string
		rude        bool
	}{
		{"Authorization", "Bearer x.y.z", false}, {"Authorization", "Basic YTpi", false}, {"Authorization", "", false},
		{"Authorization", "Bearer " + strings.Repeat("a", 9_000), false}, {"Idempotency-Key", strings.Repeat("k", 65), false},
		{"Idempotency-Key", "\xff\xfe", true}, {"Idempotency-Key", "a\x01b", true}, {"Idempotency-Key", "k1", false}, {"Idempotency-Key", "é", false},
		{"Chainmail-Min-Position", "-1", false}, {"Chainmail-Min-Position", "x", false}, {"Chainmail-Min-Position", "99999999999999999999", false},
		{"Content-Type", "text/xml", false}, {"Content-Type", "application/json; charset=utf-16", false}, {"Content-Type", "\"", false},
		{"Content-Encoding", "gzip", false}, {"Accept", "application/xml", false}, {"Accept", "application/cbor;q=1, */*;q=0", false}, {"Accept", ";;;", false},
		{"Accept-Encoding", "br, gzip", false}, {"Range", "bytes=0-1", false}, {"If-None-Match", "*", false}, {"If-Modified-Since", "x", false},
		{"Expect", "100-continue", false}, {"Expect", "surprise", true}, {"Transfer-Encoding", "chunked", true}, {"Transfer-Encoding", "gzip", true},
		{"X-Http-Method-Override", "DELETE", false}, {"X-Forwarded-For", "1.2.3.4, \x7f", true}, {"Origin", "null", false}, {"Upgrade", "websocket", false},
		{"Cookie", strings.Repeat("a=b; ", 500), false}, {"X-Long", strings.Repeat("x", 30_000), true}, {"Host", "other.example", true},
	}
	h := headers[g.IntN(len(headers))]
	if h.name == "Authorization" {
		q.header = slices.DeleteFunc(q.header, func(have [2]string) bool { return have[0] == h.name })
	}
	q.header = append(q.header, [2]string{h.name, h.value})
	q.spoiled, q.rude = fmt.Sprintf("the header %s: %.20q", h.name, h.value), h.rude
}
