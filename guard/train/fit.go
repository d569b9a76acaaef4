package train

import "math"

// Limits of the search for the best weights.
const (
	maxRounds = 40
	tolerance = 1e-4
)

// head is a kind of bad message with the labels it stands for.
type head struct {
	name   string
	labels []string
}

var heads = []head{{"fraud", []string{"spam", "scam"}}, {"abuse", []string{"abuse"}}, {"injection", []string{"injection"}}}

func (h head) has(label string) bool {
	for _, l := range h.labels {
		if l == label {
			return true
		}
	}
	return false
}

// weights is what a head has learnt: by feature, zero for those it does not know.
type weights struct {
	of   []float64
	bias float64
}

// fit learns to tell the messages of a head from the benign ones among those given; other bad ones are left out.
func (c *corpus) fit(h head, given []int) weights {
	var among []int
	for _, i := range given {
		if m := c.messages[i]; !m.Bad() || h.has(m.Label) && !m.doubtful() {
			among = append(among, i)
		}
	}
	v := c.vocabulary(among)
	rows := make([]row, len(among))
	for k, i := range among {
		rows[k] = c.row(i, v)
	}
	x := minimise(make([]float64, len(v.spread)+1), maxRounds, tolerance, func(x, gradient []float64) float64 {
		return loss(rows, x, gradient)
	})
	w := weights{of: make([]float64, len(c.names)), bias: x[len(x)-1]}
	for f, column := range v.column {
		if column >= 0 {
			w.of[f] = x[column] * v.spread[column]
		}
	}
	return w
}

// row is a message as the regression sees it.
type row struct {
	column []int32
	value  []float64
	sign   float64 // 1 for bad, -1 for benign
}

func (c *corpus) row(i int, v vocabulary) row {
	r := row{sign: -1}
	if c.messages[i].Bad() {
		r.sign = 1
	}
	var factors [4]float64
	for kind := range factors {
		factors[kind] = c.factor(i, uint8(kind))
	}
	for _, f := range c.features[i] {
		if column := v.column[f]; column >= 0 {
			r.column = append(r.column, column)
			r.value = append(r.value, v.spread[column]*factors[c.kind[f]])
		}
	}
	return r
}

// loss returns the logistic loss of the weights x, the last of which is the bias, with the square of all as a penalty, and writes its gradient.
func loss(rows []row, x, gradient []float64) float64 {
	value := 0.0
	for i := range x {
		gradient[i] = x[i] / strength
		value += float64(x[i]*x[i]) / (2 * strength)
	}
	bias := len(x) - 1
	for k := range rows {
		r := &rows[k]
		z := x[bias]
		for j, column := range r.column {
			z += float64(x[column] * r.value[j])
		}
		z *= r.sign
		value += softplus(-z)
		slope := -r.sign / (1 + math.Exp(z))
		for j, column := range r.column {
			gradient[column] += float64(slope * r.value[j])
		}
		gradient[bias] += slope
	}
	return value
}

// softplus returns ln(1 + e^z) without overflow.
func softplus(z float64) float64 {
	if z > 30 {
		return z
	}
	return math.Log1p(math.Exp(z))
}

// score returns the sum of message i.
func (c *corpus) score(w weights, i int) float64 {
	var sums [4]float64
	for _, f := range c.features[i] {
		sums[c.kind[f]] += w.of[f]
	}
	z := w.bias
	for kind, sum := range sums {
		z += float64(sum * c.factor(i, uint8(kind)))
	}
	return z
}
