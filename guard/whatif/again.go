package whatif

import (
	"errors"
	"io"
	"io/fs"

	"chainmail/domain"
	"chainmail/guard"
)

// Past returns a guard of a policy as the log has it. The log has no more than the hashes of a policy's lists: they are empty
// here, and bare tells that there are any.
func Past(policy string, classifier *guard.Classifier) (g *guard.Guard, bare bool, err error) {
	p, err := guard.ParsePolicy([]byte(policy))
	if err != nil {
		return nil, false, err
	}
	lists, err := p.ReadLists(emptyFolder{})
	if err != nil {
		return nil, false, err
	}
	g, err = guard.New(p, classifier, lists...)
	return g, len(lists) > 0, err
}

// Again judges a text once more, with what a language model said of it at the time, and tells what led to the verdict, with at
// most that many of the words that weighed most for the classifier.
func Again(g *guard.Guard, text string, opinion *domain.ModelOpinion, words int) guard.Explanation {
	e := g.Explain(text, words)
	e.Verdict, _ = withOpinion(g, e.Verdict, opinion)
	return e
}

// emptyFolder has every file, and nothing in any.
type emptyFolder struct{}

func (emptyFolder) Open(string) (fs.File, error) { return emptyFile{}, nil }

type emptyFile struct{}

func (emptyFile) Read([]byte) (int, error)   { return 0, io.EOF }
func (emptyFile) Close() error               { return nil }
func (emptyFile) Stat() (fs.FileInfo, error) { return nil, errors.ErrUnsupported }
