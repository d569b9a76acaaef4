package train

import (
	"math"
	"testing"
)

func TestBlockKeepsTheRate(t *testing.T) {
	t.Parallel()
	var messages []Message
	z := make(sums, len(heads))
	add := func(label string, sums ...float64) {
		messages = append(messages, Message{Label: label})
		for h := range z {
			z[h] = append(z[h], sums[h])
		}
	}
	for i := range 1000 { // benign: the fraud head errs twenty times above 2, the abuse head is never above -9
		fraud := -5 - float64(i)/100
		if i < 20 {
			fraud = 2 + float64(i)/10
		}
		add(Benign, fraud, -9-float64(i)/1000, -9)
	}
	for i := range 100 {
		add("scam", float64(i)/10-2, -9, -9)
		add("abuse", -9, float64(i)/10-3, -9)
		add("injection", -9, -9, 5)
	}
	among := make([]int, len(messages))
	for i := range among {
		among[i] = i
	}
	points := block(messages, z, among, 0.005)
	if n := above(messages, z, among, points, 0); n > 5 {
		t.Errorf("%d of 1,000 benign messages are blocked, want at most 5", n)
	}
	if points[1] > -2 {
		t.Errorf("the abuse head blocks at %g though no benign message is above -9", points[1])
	}
	if points[0] < 2 || points[0] > 4.5 {
		t.Errorf("the fraud head blocks at %g", points[0])
	}
	caught := 0
	for i, m := range messages {
		if m.Bad() && distance(z, points, i) > 0 {
			caught++
		}
	}
	if caught < 235 {
		t.Errorf("%d of 300 bad messages are caught, want 235 or more", caught)
	}

	gap := margin(messages, z, among, points, 0.015)
	if n := above(messages, z, among, points, gap+1e-9); n < 13 || n > 17 {
		t.Errorf("%d of 1,000 benign messages are above the uncertain point, want about 15", n)
	}
}

func TestBlockOfNothingCaughtIsAboveAll(t *testing.T) {
	t.Parallel()
	messages := []Message{{Label: Benign}, {Label: "scam"}}
	z := sums{{3, 1}, {0, 0}, {0, 0}}
	points := block(messages, z, []int{0, 1}, 0)
	if d := distance(z, points, 0); d > 0 || math.IsInf(points[0], 0) {
		t.Errorf("distance of the benign message is %g with points %v, want none above", d, points)
	}
}
