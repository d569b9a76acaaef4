package eventstore

import (
	"sync"

	"chainmail/domain"
)

// maxRecent bounds how many committed events are kept for tails that keep up. A tail that is
// further behind reads the table.
const maxRecent = 8192

// recent holds this process's last appends in position order.
type recent struct {
	mu      sync.Mutex
	batches [][]domain.Event // guarded by mu; none is empty, none is ever changed
	count   int              // guarded by mu; of all batches
}

func (r *recent) add(batch []domain.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, batch)
	r.count += len(batch)
	drop := 0
	for r.count > maxRecent && drop < len(r.batches)-1 {
		r.count -= len(r.batches[drop])
		drop++
	}
	if drop > 0 {
		r.batches = append(r.batches[:0], r.batches[drop:]...)
	}
}

// after returns the events right after the position that stand in one batch, nil when the next
// event is not here: it came from another process, or is too old.
func (r *recent) after(position domain.Position) []domain.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.batches) - 1; i >= 0; i-- {
		batch := r.batches[i]
		first := batch[0].Position
		if first > position+1 {
			continue
		}
		if skip := int(position + 1 - first); skip < len(batch) {
			return batch[skip:]
		}
		return nil
	}
	return nil
}
