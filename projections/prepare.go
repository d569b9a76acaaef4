package projections

import (
	"context"
	"database/sql"

	"chainmail/domain"
)

type applyFunc = func(context.Context, *sql.Tx, []domain.Event) error

// prepare returns the projection's Apply, prepared once if it can be.
func (w *worker) prepare(ctx context.Context) (applyFunc, error) {
	if w.projection.Prepare == nil {
		return w.projection.Apply, nil
	}
	w.preparing.Lock()
	defer w.preparing.Unlock()
	if w.prepared.Apply == nil {
		prepared, err := w.projection.Prepare(ctx, w.db)
		if err != nil {
			return nil, err
		}
		w.prepared = prepared
	}
	return w.prepared.Apply, nil
}

// release frees what prepare made.
func (w *worker) release() error {
	w.preparing.Lock()
	defer w.preparing.Unlock()
	if w.prepared.Close == nil {
		return nil
	}
	release := w.prepared.Close
	w.prepared = Prepared{}
	return release()
}
