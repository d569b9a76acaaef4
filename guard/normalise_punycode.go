package guard

// decodePunycode decodes a label without its xn-- (RFC 3492 §6.2). It fails for what is no punycode, or longer than a label can be.
func decodePunycode(coded string) (string, bool) {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	if len(coded) > 63 {
		return "", false
	}
	var out []rune
	begin := 0
	for i := len(coded) - 1; i >= 0; i-- {
		if coded[i] == '-' {
			out, begin = []rune(coded[:i]), i+1
			break
		}
	}
	n, bias, i := 128, 72, 0
	for at := begin; at < len(coded); {
		oldI, weight := i, 1
		for k := base; ; k += base {
			if at >= len(coded) {
				return "", false
			}
			digit := punycodeDigit(coded[at])
			at++
			if digit < 0 || digit > (1<<31-i)/weight {
				return "", false
			}
			i += digit * weight
			t := min(max(k-bias, tMin), tMax)
			if digit < t {
				break
			}
			weight *= base - t
			if weight > 1<<26 {
				return "", false
			}
		}
		size := len(out) + 1
		delta := i - oldI
		if oldI == 0 {
			delta /= damp
		} else {
			delta /= 2
		}
		delta += delta / size
		k := 0
		for ; delta > (base-tMin)*tMax/2; k += base {
			delta /= base - tMin
		}
		bias = k + (base-tMin+1)*delta/(delta+skew)
		n += i / size
		i %= size
		if n > 0x10FFFF || n >= 0xD800 && n < 0xE000 {
			return "", false
		}
		out = append(out[:i], append([]rune{rune(n)}, out[i:]...)...)
		i++
	}
	return string(out), true
}

func punycodeDigit(c byte) int {
	switch {
	case isLetter(c):
		return int(c - 'a')
	case isDigit(c):
		return int(c-'0') + 26
	}
	return -1
}
