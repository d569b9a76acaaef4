package guard_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"
)

// BenchmarkJudgeInServer is what a text costs in a server, where no text comes twice in a row and other work takes the caches between two of them: a few
// thousand benign messages in turn, and a megabyte touched before each. A loop over one text shows half of it. ns/judge is the mean over the texts
// of each one's median over the rounds; only Judge is timed.
func BenchmarkJudgeInServer(b *testing.B) {
	g, texts := serversGuard(b), benignTexts(b, 3000)
	b.Run("labelled", func(b *testing.B) { judgeDisturbed(b, texts, func(text string) { g.Judge(text) }) })
	b.Run("plain", func(b *testing.B) {
		plain := slices.Clone(texts)
		plain = slices.DeleteFunc(plain, func(text string) bool {
			return len(text) < 80 || len(text) > 120 || len(g.Judge(text).Reasons) > 0
		})
		judgeDisturbed(b, plain, func(text string) { g.Judge(text) })
	})
}

func judgeDisturbed(b *testing.B, texts []string, judge func(string)) {
	others := make([]byte, 1<<20)
	took := make([][]time.Duration, len(texts))
	for b.Loop() {
		for i, text := range texts {
			for j := 0; j < len(others); j += 64 {
				others[j]++
			}
			start := time.Now()
			judge(text)
			took[i] = append(took[i], time.Since(start))
		}
	}
	var sum time.Duration
	for _, all := range took {
		slices.Sort(all)
		sum += all[len(all)/2]
	}
	b.ReportMetric(float64(sum)/float64(len(texts)), "ns/judge")
	b.ReportMetric(0, "ns/op") // the touching is in it
}

// benignTexts are messages of people to people from the training data.
func benignTexts(b *testing.B, count int) (texts []string) {
	file, err := os.Open("train/data/dev.jsonl.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	for lines := bufio.NewScanner(unzipped); len(texts) < count && lines.Scan(); {
		var m labelled
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			b.Fatal(err)
		}
		if m.Label == "benign" {
			texts = append(texts, m.Text)
		}
	}
	return texts
}
