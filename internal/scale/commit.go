package scale

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// maxBatch is how many events go into one commit at most, as in package eventstore.
const maxBatch = 500

// followUp is how many events a projection or tail takes up at a time.
const followUp = 50

// Costs are what one event takes of the node that stores it.
type Costs struct {
	Commit time.Duration // of processor time a commit, whatever its size
	Event  time.Duration // of processor time an event, while its partition's lock is held
	Sync   time.Duration // that the lock is held besides, waiting for disk and network
	After  time.Duration // of processor time an event after its commit: projections, tails, seals
}

// Layout is where partitions are: the nth on node n modulo Nodes, each of which has so many cores for PostgreSQL.
type Layout struct{ Partitions, Nodes, Cores int }

// Load is a stream of events that come independently of one another (Poisson).
type Load struct {
	Rate          float64 // events a second
	Conversations int     // each in a partition drawn at random
	Skew          float64 // the exponent of Zipf's law over the conversations; 0: all alike
	Hot           float64 // the share of one more conversation, in a partition with others
}

// Outcome is what became of a load.
type Outcome struct {
	P50, P99 time.Duration // from an event's arrival to its commit
	Batch    float64       // events a commit
	Behind   float64       // the share of events that were not committed and followed up when the time was over
}

// simulation holds the state of a run. Times are in seconds.
type simulation struct {
	costs   Costs
	layout  Layout
	random  *rand.Rand
	now     float64
	pending moments
	waiting [][]float64 // by partition: when its events came
	batch   [][]float64 // by partition: those of its commit under way
	nodes   []node
	took    []float64
	commits int
	arrived int
	settled int // events followed up
}

type node struct {
	idle               int
	commits, followUps kind // where both wait, they share the processors evenly, as processes do
}

type kind struct {
	queue []job
	spent float64
}

// job is a piece of work for a processor, and what comes when it is done.
type job struct {
	takes float64
	then  func()
}

// Run simulates a load on a layout for some seconds. The same arguments give the same outcome.
func Run(costs Costs, layout Layout, load Load, seconds float64) Outcome {
	s := &simulation{
		costs: costs, layout: layout, random: rand.New(rand.NewPCG(1, 2)),
		waiting: make([][]float64, layout.Partitions), batch: make([][]float64, layout.Partitions),
		nodes: make([]node, layout.Nodes),
	}
	for i := range s.nodes {
		s.nodes[i].idle = layout.Cores
	}
	s.arrive(cumulated(Shares(layout.Partitions, load)), load.Rate)
	for len(s.pending) > 0 && s.pending[0].at < seconds {
		m := heap.Pop(&s.pending).(moment)
		s.now = m.at
		m.do()
	}
	slices.Sort(s.took)
	o := Outcome{Behind: 1 - float64(s.settled)/float64(max(s.arrived, 1))}
	if n := len(s.took); n > 0 {
		o.P50, o.P99 = duration(s.took[n/2]), duration(s.took[n*99/100])
		o.Batch = float64(n) / float64(s.commits)
	}
	return o
}

// Ceiling returns the highest rate, to one per cent, at which a layout does not fall behind.
func Ceiling(costs Costs, layout Layout, load Load) float64 {
	cores := float64(layout.Nodes*layout.Cores) / (costs.Event + costs.After).Seconds()
	locks := float64(layout.Partitions) / (costs.Event + (costs.Commit+costs.Sync)/maxBatch).Seconds()
	low, high := 0.0, 1.2*min(cores, locks)
	for high-low > high/100 {
		load.Rate = (low + high) / 2
		if Run(costs, layout, load, 1).Behind < 0.03 {
			low = load.Rate
		} else {
			high = load.Rate
		}
	}
	return low
}

// Shares returns what part of a load each partition gets.
func Shares(partitions int, load Load) []float64 {
	random := rand.New(rand.NewPCG(3, 4))
	shares := make([]float64, partitions)
	total := 0.0
	for i := range load.Conversations {
		weight := math.Pow(float64(i+1), -load.Skew)
		shares[random.IntN(partitions)] += weight
		total += weight
	}
	for i := range shares {
		shares[i] *= (1 - load.Hot) / total
	}
	shares[0] += load.Hot
	return shares
}

func cumulated(shares []float64) []float64 {
	sums := slices.Clone(shares)
	for i := 1; i < len(sums); i++ {
		sums[i] += sums[i-1]
	}
	return sums
}

func (s *simulation) arrive(sums []float64, rate float64) {
	s.at(s.random.ExpFloat64()/rate, func() {
		p := min(sort.SearchFloat64s(sums, s.random.Float64()), len(sums)-1)
		s.arrived++
		s.waiting[p] = append(s.waiting[p], s.now)
		s.commit(p)
		s.arrive(sums, rate)
	})
}

// commit takes what waits in a partition, unless it is at it already: no timer, as in package eventstore.
func (s *simulation) commit(p int) {
	n := min(len(s.waiting[p]), maxBatch)
	if n == 0 || s.batch[p] != nil {
		return
	}
	s.batch[p], s.waiting[p] = s.waiting[p][:n:n], s.waiting[p][n:]
	on := &s.nodes[p%s.layout.Nodes]
	on.commits.queue = append(on.commits.queue, job{(s.costs.Commit + time.Duration(n)*s.costs.Event).Seconds(), func() {
		s.at(s.costs.Sync.Seconds(), func() { s.committed(p, on) })
	}})
	s.work(on)
}

func (s *simulation) committed(p int, on *node) {
	for _, came := range s.batch[p] {
		s.took = append(s.took, s.now-came)
	}
	s.commits++
	for left := len(s.batch[p]); left > 0; left -= followUp {
		n := min(left, followUp)
		on.followUps.queue = append(on.followUps.queue, job{(time.Duration(n) * s.costs.After).Seconds(), func() { s.settled += n }})
	}
	s.batch[p] = nil
	s.commit(p)
	s.work(on)
}

// work gives idle cores what waits for them.
func (s *simulation) work(on *node) {
	for on.idle > 0 && len(on.commits.queue)+len(on.followUps.queue) > 0 {
		k, other := &on.commits, &on.followUps
		if len(k.queue) == 0 || len(other.queue) > 0 && other.spent < k.spent {
			k, other = other, k
		}
		j := k.queue[0]
		k.queue = k.queue[1:]
		k.spent += j.takes
		if len(other.queue) == 0 {
			other.spent = k.spent // who has nothing to do earns nothing for later
		}
		on.idle--
		s.at(j.takes, func() {
			on.idle++
			j.then()
			s.work(on)
		})
	}
}

func (s *simulation) at(in float64, do func()) { heap.Push(&s.pending, moment{s.now + in, do}) }

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// moment is when something happens; moments is a heap of them.
type moment struct {
	at float64
	do func()
}

type moments []moment

func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].at < m[j].at }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(moment)) }
func (m *moments) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
