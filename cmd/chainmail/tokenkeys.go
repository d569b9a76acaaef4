package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"chainmail/transport/auth"
)

// tokenKeys returns the keys that tokens are checked and made with: those of the flags, else those
// in the data directory. With its own database, and make, the key is made if there is none; with
// an outside one a key has to be given, so that two servers don't each trust their own.
func (f *keyFlags) tokenKeys(d *databaseFlags, make bool, logger *slog.Logger) (*auth.Keys, error) {
	config := auth.Config{JWKSURL: f.JWTJWKSURL, Issuer: f.JWTIssuer, Audience: f.JWTAudience, Log: logger}
	for _, secret := range f.JWTSecret {
		config.Secrets = append(config.Secrets, []byte(secret))
	}
	if len(config.Secrets) == 0 && config.JWKSURL == "" {
		if d.DatabaseURL != "" {
			return nil, errors.New("no key for tokens: set --jwt-secret (or --jwt-jwks-url); with an outside database none is made")
		}
		if err := d.check(); err != nil {
			return nil, err
		}
		secret, err := keptSecret(d, make)
		if err != nil {
			return nil, err
		}
		config.Secrets = [][]byte{secret}
	}
	return auth.New(config)
}

func keptSecret(d *databaseFlags, make bool) ([]byte, error) {
	dir, err := d.dir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "jwt.key")
	raw, err := os.ReadFile(path)
	if err == nil {
		return []byte(strings.TrimSpace(string(raw))), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the key for tokens: %w", err)
	}
	if !make {
		return nil, fmt.Errorf("no key for tokens: set --jwt-secret, or start 'chainmail serve' once: %w", err)
	}
	var random [48]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	secret, err := keepFile(path, []byte(hex.EncodeToString(random[:])))
	if err != nil {
		return nil, fmt.Errorf("keep a key for tokens in the data directory (--data-dir): %w", err)
	}
	return secret, nil
}

// keepFile writes a secret to a new file that only its owner reads, whole or not at all. When
// another process was faster, it returns what that one wrote.
func keepFile(path string, content []byte) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(content, '\n'))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	return []byte(strings.TrimSpace(string(raw))), err
}
