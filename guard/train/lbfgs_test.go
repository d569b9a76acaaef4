package train

import (
	"math"
	"testing"
)

func TestMinimise(t *testing.T) {
	t.Parallel()
	scale := []float64{1, 10, 100, 0.5}
	middle := []float64{3, -2, 0.25, 7}
	bowl := func(x, gradient []float64) float64 { // a skewed bowl, with a quartic term so that one step is not enough
		value := 0.0
		for i := range x {
			d := x[i] - middle[i]
			gradient[i] = 2*scale[i]*d + 4*d*d*d
			value += scale[i]*d*d + d*d*d*d
		}
		return value + 1
	}
	got := minimise(make([]float64, 4), 200, 1e-15, bowl)
	for i := range got {
		if math.Abs(got[i]-middle[i]) > 1e-4 {
			t.Errorf("x[%d] is %g, want %g", i, got[i], middle[i])
		}
	}
}

// TestLossGradient compares the gradient with differences of the value.
func TestLossGradient(t *testing.T) {
	t.Parallel()
	rows := []row{
		{column: []int32{0, 2}, value: []float64{1, 0.5}, sign: 1},
		{column: []int32{1}, value: []float64{2}, sign: -1},
		{column: []int32{0, 1, 2}, value: []float64{0.3, 0.3, 3}, sign: -1},
	}
	x := []float64{0.2, -0.4, 0.7, 0.1}
	gradient, ignored := make([]float64, 4), make([]float64, 4)
	loss(rows, x, gradient)
	for i := range x {
		const d = 1e-6
		x[i] += d
		up := loss(rows, x, ignored)
		x[i] -= 2 * d
		down := loss(rows, x, ignored)
		x[i] += d
		if want := (up - down) / (2 * d); math.Abs(gradient[i]-want) > 1e-6 {
			t.Errorf("gradient[%d] is %g, differences say %g", i, gradient[i], want)
		}
	}
}
