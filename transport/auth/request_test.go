package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"chainmail/transport/auth"
)

func TestFromRequest(t *testing.T) {
	t.Parallel()
	const protocol = "Sec-WebSocket-Protocol"
	for _, tc := range []struct {
		name        string
		target      string
		headers     [][2]string
		want        string
		subprotocol string
		err         error
	}{
		{"query", "/ws?token=q", nil, "q", "", nil},
		{"header", "/ws", [][2]string{{"Authorization", "Bearer h"}}, "h", "", nil},
		{"header, scheme in any case", "/ws", [][2]string{{"Authorization", "bEARER   h "}}, "h", "", nil},
		{"subprotocol", "/ws", [][2]string{{protocol, "chainmail.v1, bearer.s.s.s"}}, "s.s.s", "chainmail.v1", nil},
		{"subprotocols in two lines", "/ws", [][2]string{{protocol, "bearer.s"}, {protocol, "chainmail.v1"}}, "s", "chainmail.v1", nil},
		{"bearer without chainmail.v1 has nothing to be answered", "/ws", [][2]string{{protocol, "bearer.s"}}, "s", "", nil},
		{"chainmail.v1 beside a query", "/ws?token=q", [][2]string{{protocol, "chainmail.v1"}}, "q", "chainmail.v1", nil},
		{"other subprotocols", "/ws?token=q", [][2]string{{protocol, "graphql-ws"}}, "q", "", nil},
		{"header before subprotocol before query", "/ws?token=q", [][2]string{{"Authorization", "Bearer h"}, {protocol, "bearer.s"}}, "h", "", nil},
		{"subprotocol before query", "/ws?token=q", [][2]string{{protocol, "bearer.s"}}, "s", "", nil},
		{"another scheme is passed over", "/ws?token=q", [][2]string{{"Authorization", "Basic eA=="}}, "q", "", nil},
		{"an empty place is passed over", "/ws?token=q", [][2]string{{"Authorization", "Bearer "}, {protocol, "chainmail.v1, bearer."}}, "q", "chainmail.v1", nil},

		{"nowhere", "/ws", nil, "", "", auth.ErrTokenMissing},
		{"nowhere, with a subprotocol", "/ws", [][2]string{{protocol, "chainmail.v1"}}, "", "chainmail.v1", auth.ErrTokenMissing},
		{"empty", "/ws?token=", nil, "", "", auth.ErrTokenMissing},
		{"Token is not token", "/ws?Token=q", nil, "", "", auth.ErrTokenMissing},
		{"two in the query", "/ws?token=a&token=b", nil, "", "", auth.ErrTokenInvalid},
		{"not decodable in the query", "/ws?token=%zz", nil, "", "", auth.ErrTokenInvalid},
		{"a semicolon in the query", "/ws?token=a;b", nil, "", "", auth.ErrTokenInvalid},
		{"two subprotocols", "/ws", [][2]string{{protocol, "chainmail.v1, bearer.a, bearer.b"}}, "", "chainmail.v1", auth.ErrTokenInvalid},
		{"two headers", "/ws", [][2]string{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}, "", "", auth.ErrTokenInvalid},
		{"a space inside", "/ws?token=q", [][2]string{{"Authorization", "Bearer a b"}}, "", "", auth.ErrTokenInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, tc.target, nil)
			for _, h := range tc.headers {
				r.Header.Add(h[0], h[1])
			}
			got, subprotocol, err := auth.FromRequest(r)
			if got != tc.want || subprotocol != tc.subprotocol || !errors.Is(err, tc.err) {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", got, subprotocol, err, tc.want, tc.subprotocol, tc.err)
			}
		})
	}
}

func TestRedactURL(t *testing.T) {
	t.Parallel()
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	for _, tc := range []struct{ in, want string }{
		{"/ws", "/ws"},
		{"/ws?since=5&log_id=a", "/ws?since=5&log_id=a"},
		{"/ws?token=" + jwt, "/ws?token=REDACTED"},
		{"/ws?since=5&token=opaque&log_id=a", "/ws?since=5&token=REDACTED&log_id=a"},
		{"/ws?token=", "/ws?token="},
		{"/ws?TOKEN=opaque", "/ws?TOKEN=REDACTED"},
		{"/ws?t%6Fken=opaque", "/ws?t%6Fken=REDACTED"},
		{"/ws?access_token=a&refresh_token=b&jwt=c", "/ws?access_token=REDACTED&refresh_token=REDACTED&jwt=REDACTED"},
		{"/api/users?query=Ann%20Smith&limit=5", "/api/users?query=REDACTED&limit=5"},
		{"/api/users?query=Ann%20Smith&cursor=dXNlcnMgQW5uIFNtaXRoCjUw", "/api/users?query=REDACTED&cursor=REDACTED"},
		{"/ws?x=" + jwt, "/ws?x=REDACTED"},
		{"/ws?" + jwt, "/ws?REDACTED"},
		{"/ws?" + strings.ReplaceAll(jwt, ".", "%2e"), "/ws?REDACTED"},
		{"/ws?a=1;token=opaque", "/ws?REDACTED"},
		{"/ws?%zz=opaque", "/ws?REDACTED"},
		{"/ws/" + jwt + "/x", "/ws/REDACTED/x"},
	} {
		u, err := url.Parse(tc.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := auth.RedactURL(u); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.in, got, tc.want)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"nothing to hide", "nothing to hide"},
		{"Bearer opaque", "Bearer REDACTED"},
		{"BEARER  " + jwt, "BEARER  REDACTED"},
		{"chainmail.v1, bearer." + jwt + ", x", "chainmail.v1, bearer.REDACTED, x"},
		{"got " + jwt + " from", "got REDACTED from"},
		{`{ spaced header: ` + "eyAiYWxnIjogIkhTMjU2IiB9.e30.", `{ spaced header: REDACTED`},
	} {
		if got := auth.Redact(tc.in); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.in, got, tc.want)
		}
	}
}
