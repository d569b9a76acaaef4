package train

import "math"

// memory is how many steps L-BFGS looks back.
const memory = 8

// minimise returns the place where a convex function is smallest, by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4), beginning at x.
// At writes the gradient and returns the value. It stops when the value falls by less than a part in tolerance, or after rounds steps.
func minimise(x []float64, rounds int, tolerance float64, at func(x, gradient []float64) float64) []float64 {
	n := len(x)
	g, next, nextG, d := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var steps, changes [][]float64
	value := at(x, g)
	for range rounds {
		direction(d, g, steps, changes)
		slope := dot(d, g)
		if slope >= 0 {
			return x
		}
		length := 1.0
		if len(steps) == 0 {
			length = 1 / math.Sqrt(dot(g, g))
		}
		nextValue := value
		for try := 0; ; try++ {
			for i := range next {
				next[i] = x[i] + float64(length*d[i])
			}
			nextValue = at(next, nextG)
			if nextValue <= value+1e-4*length*slope {
				break
			}
			if try == 30 {
				return x
			}
			length /= 2
		}
		step, change := make([]float64, n), make([]float64, n)
		for i := range step {
			step[i], change[i] = next[i]-x[i], nextG[i]-g[i]
		}
		if dot(step, change) > 1e-12 {
			steps, changes = append(steps, step), append(changes, change)
			if len(steps) > memory {
				steps, changes = steps[1:], changes[1:]
			}
		}
		done := value-nextValue < tolerance*math.Abs(value)
		x, next, g, nextG, value = next, x, nextG, g, nextValue
		if done {
			return x
		}
	}
	return x
}

// direction writes minus the approximate inverse Hessian times the gradient.
func direction(d, g []float64, steps, changes [][]float64) {
	for i := range d {
		d[i] = -g[i]
	}
	alpha := make([]float64, len(steps))
	for k := len(steps) - 1; k >= 0; k-- {
		alpha[k] = dot(steps[k], d) / dot(steps[k], changes[k])
		add(d, -alpha[k], changes[k])
	}
	if k := len(steps) - 1; k >= 0 {
		scale := dot(steps[k], changes[k]) / dot(changes[k], changes[k])
		for i := range d {
			d[i] *= scale
		}
	}
	for k := range steps {
		add(d, alpha[k]-dot(changes[k], d)/dot(steps[k], changes[k]), steps[k])
	}
}

// The products are rounded before they are added, so that processors with a fused instruction get the same sum.

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

func add(to []float64, factor float64, a []float64) {
	for i := range to {
		to[i] += float64(factor * a[i])
	}
}
