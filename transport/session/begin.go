package session

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"chainmail/domain"
)

//go:embed begin.sql
var beginSQL string

// maxUserAgent is how many bytes of a user agent are kept.
const maxUserAgent = 200

// Begin starts a session of the user with its first refresh token, whose id it returns too. auth says
// how he showed who he is. The user agent is any text from outside; what people can't read is left
// out, and 200 bytes of it are kept. Of a user's sessions the 100 used last go on.
func (s *Store) Begin(ctx context.Context, user domain.ID, auth domain.Auth, userAgent string) (Session, domain.ID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, domain.ID{}, fmt.Errorf("begin a session of %s: %w", user, err)
	}
	refresh, err := newRefreshID()
	if err != nil {
		return Session{}, domain.ID{}, fmt.Errorf("begin a session of %s: %w", user, err)
	}
	var begun Session
	row := s.DB.QueryRowContext(ctx, beginSQL, id.String(), user.String(), string(auth), readable(userAgent),
		refresh.String(), RefreshTTL.Seconds(), maxSessions-1, maxExpired)
	if err := begun.scan(row); err != nil {
		return Session{}, domain.ID{}, fmt.Errorf("begin a session of %s: %w", user, err)
	}
	return begun, refresh, nil
}

// newRefreshID makes a refresh token's id, random so that it says nothing of others.
func newRefreshID() (domain.ID, error) {
	id, err := uuid.NewRandom()
	return domain.ID(id), err
}

// readable keeps of a text what can be printed, up to maxUserAgent bytes of whole characters.
func readable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	if len(text) <= maxUserAgent {
		return text
	}
	end := maxUserAgent
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
