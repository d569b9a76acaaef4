package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
)

// createLog returns the log's first event, appending it to an empty log: which log this is, and
// the key that vouches for it. Only then is a key made.
func (f *logKeyFlags) createLog(ctx context.Context, d *databaseFlags, log *eventstore.Log) (*domain.LogCreated, error) {
	created, err := firstEvent(ctx, log)
	if created != nil || err != nil {
		return created, err
	}
	id := domain.ID(uuid.Must(uuid.NewV7()))
	origin := f.LogOrigin
	if origin == "" {
		origin = "chainmail/" + id.String()
	}
	key, err := f.ensureKey(d, origin)
	if err != nil {
		return nil, fmt.Errorf("make the log's key: %w", err)
	}
	_, err = log.Append(ctx, domain.Decision{
		Actor:  domain.Actor{Auth: domain.AuthSystem},
		Keys:   []domain.Key{domain.LogKey()},
		Drafts: []domain.Draft{{Stream: domain.LogStream, Data: &domain.LogCreated{LogID: id, Origin: key.Origin(), PublicKey: key.Verifier}}},
	})
	if err != nil {
		return nil, fmt.Errorf("create the log: %w", err)
	}
	return firstEvent(ctx, log)
}

// firstEvent returns what stands at position 1, nil if the log is empty.
func firstEvent(ctx context.Context, log *eventstore.Log) (*domain.LogCreated, error) {
	events, err := log.At(ctx, 1)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	data, err := domain.Decode(events[0])
	if err != nil {
		return nil, err
	}
	created, ok := data.(*domain.LogCreated)
	if !ok {
		return nil, fmt.Errorf("the log begins with a %s instead of a LogCreated", events[0].Type)
	}
	return created, nil
}

// ensureKey reads the key file, or makes it.
func (f *logKeyFlags) ensureKey(d *databaseFlags, origin string) (*logkey.Key, error) {
	path, err := f.path(d)
	if err != nil {
		return nil, err
	}
	key, err := path.read()
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	secret, _, err := logkey.Generate(origin)
	if err != nil {
		return nil, fmt.Errorf("--log-origin: %w", err)
	}
	if _, err := keepFile(string(path), []byte(secret)); err != nil {
		return nil, err
	}
	if err := syncDir(path.dir()); err != nil {
		return nil, err
	}
	return path.read()
}
