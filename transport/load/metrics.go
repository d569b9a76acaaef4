package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// scrape reads what the server says of itself in its metrics.
func scrape(ctx context.Context, client *http.Client, target string) (usage, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return usage{}, err
	}
	response, err := client.Do(r)
	if err != nil {
		return usage{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return usage{}, fmt.Errorf("%s: %s", target, response.Status)
	}
	return parseMetrics(response.Body)
}

// parseMetrics finds the process's figures in Prometheus's text format.
func parseMetrics(r io.Reader) (usage, error) {
	values := make(map[string]float64, 2)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if name != "process_cpu_seconds_total" && name != "process_resident_memory_bytes" {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return usage{}, fmt.Errorf("metric %s: %w", name, err)
		}
		values[name] = n
	}
	if len(values) < 2 {
		return usage{}, errors.New("the metrics don't tell of the process")
	}
	return usage{
		cpu:      time.Duration(values["process_cpu_seconds_total"] * float64(time.Second)),
		resident: int64(values["process_resident_memory_bytes"]),
	}, nil
}
