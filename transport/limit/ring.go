package limit

// firstRing is how many times a ring has room for at first.
const firstRing = 4

// ring is a queue of times, oldest first, that grows by doubling. A time is what has passed since the
// limiter's first act, in nanoseconds: a third of the room of a time.Time.
type ring struct {
	times []int64
	first int
	count int
}

// at returns the i-th oldest time; i < count.
func (r *ring) at(i int) int64 { return r.times[(r.first+i)%len(r.times)] }

// add appends a time; limit is how many there will be at most.
func (r *ring) add(t int64, limit int) {
	if r.count == len(r.times) {
		grown := make([]int64, min(max(2*r.count, firstRing), max(limit, r.count+1)))
		for i := range r.count {
			grown[i] = r.at(i)
		}
		r.times, r.first = grown, 0
	}
	r.times[(r.first+r.count)%len(r.times)] = t
	r.count++
}

// forget drops the times that are not after the given one.
func (r *ring) forget(upTo int64) {
	for r.count > 0 && r.times[r.first] <= upTo {
		r.drop()
	}
}

// drop drops the oldest time; there is one.
func (r *ring) drop() {
	r.first = (r.first + 1) % len(r.times)
	r.count--
}
