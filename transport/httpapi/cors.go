package httpapi

import (
	"net/http"
	"slices"

	"chainmail/transport/auth"
)

// cors lets pages of the allowed origins read answers (Fetch Standard, "HTTP extensions"). Tokens come in a
// header that a page has to set itself, so no credentials mode is needed.
func (a *api) cors(next http.Handler) http.Handler {
	if len(a.Origins) == 0 {
		return next
	}
	everybody := slices.Contains(a.Origins, "*")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		w.Header().Add("Vary", "Origin")
		if origin == "" || !everybody && !auth.AllowsOrigin(a.Origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", positionHeader+", "+minPositionHeader+", Retry-After, X-Request-Id")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, "+minPositionHeader)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
