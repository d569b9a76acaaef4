package web

import (
	"strconv"
	"strings"
)

// Content codings (RFC 9110 §8.4.1).
const (
	brotli   = "br"
	gzip     = "gzip"
	identity = "identity"
)

// codingOf says by its extension how a file is compressed that stands beside another.
var codingOf = map[string]string{".br": brotli, ".gz": gzip}

// choose returns the coding that the headers Accept-Encoding like best (RFC 9110 §12.5.3), of those that there are and
// identity; of several the smallest. What they refuse in every coding comes as it is.
func choose(accepted []string, coded map[string]variant) string {
	weights := weigh(accepted)
	best, weight := identity, weights[identity] // 0 where it is not named: any other is liked better
	for _, coding := range []string{gzip, brotli} {
		if _, there := coded[coding]; !there {
			continue
		}
		liked, named := weights[coding]
		if !named {
			liked = weights["*"]
		}
		if liked > 0 && liked >= weight {
			best, weight = coding, liked
		}
	}
	return best
}

// weigh returns the weights of the codings that the headers name. Who writes no number weighs nothing.
func weigh(accepted []string) map[string]float64 {
	weights := make(map[string]float64)
	for _, item := range strings.Split(strings.Join(accepted, ","), ",") {
		coding, parameter, found := strings.Cut(item, ";")
		weight := 1.0
		if found {
			name, number, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			var err error
			if weight, err = strconv.ParseFloat(number, 64); err != nil || !strings.EqualFold(name, "q") || weight > 1 {
				weight = 0
			}
		}
		weights[strings.ToLower(strings.TrimSpace(coding))] = weight
	}
	return weights
}
