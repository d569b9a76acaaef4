package train

import (
	"math"
	"slices"
)

// The rates of benign messages above the two points of the score, guard.BlockScore and guard.UncertainScore, among the messages that the points are
// chosen by. On others the first is about half as much again.
const (
	blockRate     = 0.0028
	uncertainRate = 0.03
)

// sums are what each head made of each message: by head, then message.
type sums [][]float64

// block returns for each head the sum at which it blocks, such that as many bad messages as possible are caught while no more than the rate of the benign ones
// is blocked by any head. A head's point is where a further benign message costs more than the bad ones it brings, at one price for all heads.
func block(messages []Message, z sums, among []int, rate float64) []float64 {
	var best []float64
	benign := 0
	for _, i := range among {
		if !messages[i].Bad() {
			benign++
		}
	}
	for price := 0.25; price < 1e4; price *= 1.1 {
		points := make([]float64, len(z))
		for h := range z {
			points[h] = blockHead(messages, z[h], heads[h], among, price)
		}
		best = points
		if flagged := above(messages, z, among, points, 0); float64(flagged) <= rate*float64(benign) {
			return best
		}
	}
	return best
}

// blockHead returns the sum above which caught messages less price times benign ones are most.
func blockHead(messages []Message, z []float64, h head, among []int, price float64) float64 {
	var order []int
	for _, i := range among {
		if !messages[i].Bad() || h.has(messages[i].Label) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case z[a] > z[b]:
			return -1
		case z[a] < z[b]:
			return 1
		}
		return 0
	})
	gain, most, point := 0.0, 0.0, math.Inf(1)
	if len(order) > 0 {
		point = z[order[0]] + 1
	}
	for k, i := range order {
		if messages[i].Bad() {
			gain++
		} else {
			gain -= price
		}
		if gain > most && k+1 < len(order) {
			most, point = gain, (z[i]+z[order[k+1]])/2
		}
	}
	return point
}

// above counts the benign messages that some head has above its point less margin.
func above(messages []Message, z sums, among []int, points []float64, margin float64) int {
	n := 0
	for _, i := range among {
		if !messages[i].Bad() && distance(z, points, i) > -margin {
			n++
		}
	}
	return n
}

// distance returns how far message i is above the point of the head that finds it worst.
func distance(z sums, points []float64, i int) float64 {
	worst := math.Inf(-1)
	for h := range z {
		worst = math.Max(worst, z[h][i]-points[h])
	}
	return worst
}

// margin returns how far below the points the rate of benign messages is reached.
func margin(messages []Message, z sums, among []int, points []float64, rate float64) float64 {
	var distances []float64
	for _, i := range among {
		if !messages[i].Bad() {
			distances = append(distances, distance(z, points, i))
		}
	}
	if len(distances) == 0 {
		return 1
	}
	slices.Sort(distances)
	return math.Max(0.1, -distances[int(float64(len(distances)-1)*(1-rate))])
}
