package session

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed newnonce.sql
var newNonceSQL string

const useNonceSQL = `
	DELETE FROM auth_nonces
	WHERE nonce = $1
		AND address = $2
		AND expires_at > statement_timestamp()`

// alphabet and nonceLength are those of [rand.Text]: at least 128 random bits, in letters and digits
// as EIP-4361 wants them, which asks for 8 or more.
const (
	alphabet    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	nonceLength = 26
)

// NewNonce makes a nonce that the wallet may log in with, once, within NonceTTL. The address is in
// lower case, 0x and 40 hex digits. Of a wallet's open nonces the newest 1000 stay good, so whoever may
// ask without bound for another's wallet can keep it from logging in: the caller limits that.
func (s *Store) NewNonce(ctx context.Context, address string) (nonce string, err error) {
	nonce = rand.Text()
	_, err = s.DB.ExecContext(ctx, newNonceSQL, nonce, address, NonceTTL.Seconds(), maxNonces-1, maxExpired)
	if err != nil {
		return "", fmt.Errorf("make a nonce: %w", err)
	}
	return nonce, nil
}

// UseNonce reports whether the nonce was made for this wallet, has not expired and was not used
// before. From then on it is used: of any number of calls at once, one gets true. Another's nonce
// stays good for its own wallet. The nonce may be any text; the address is as in NewNonce.
func (s *Store) UseNonce(ctx context.Context, nonce, address string) (ok bool, err error) {
	if len(nonce) != nonceLength || strings.Trim(nonce, alphabet) != "" {
		return false, nil
	}
	result, err := s.DB.ExecContext(ctx, useNonceSQL, nonce, address)
	if err != nil {
		return false, fmt.Errorf("use a nonce: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("use a nonce: %w", err)
	}
	return n == 1, nil
}
