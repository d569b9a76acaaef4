package guard

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ListKind says what a list has in it.
type ListKind string

// The kinds of lists.
const (
	Domains   ListKind = "domains"
	Addresses ListKind = "addresses"
)

// listSpec is what the policy says of a list.
type listSpec struct {
	name string
	kind ListKind
	file string
	line int
}

// List is a set of domains or wallet addresses, made for millions: 16 bytes an entry, whatever its length, in one piece of memory. An
// entry is held as the first half of its SHA-256; that two names share it is as likely as a guessed key. Immutable, safe for concurrent use.
type List struct {
	Name string
	Kind ListKind
	hash string
	keys []digest         // sorted
	from [1<<16 + 1]int32 // keys whose first 16 bits are b: keys[from[b]:from[b+1]]
}

type digest struct{ high, low uint64 }

func digestOf(entry []byte) digest {
	sum := sha256.Sum256(entry)
	return digest{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])}
}

// maxListBytes bounds a list's file, maxLineBytes one of its lines.
const (
	maxListBytes = 1 << 30
	maxLineBytes = 512
)

// ReadList reads a list: an entry a line, # begins a comment, empty lines count for nothing. A domain stands for everything below it too. kind is "domains" or "addresses".
// The error is a *PolicyError with the line.
func ReadList(name string, kind ListKind, r io.Reader) (*List, error) {
	list := &List{Name: name, Kind: kind}
	check := checkDomain
	if kind == Addresses {
		check = checkAddress
	}
	sum := sha256.New()
	limited := &io.LimitedReader{R: r, N: maxListBytes + 1}
	lines := bufio.NewScanner(io.TeeReader(limited, sum))
	number := 0
	for lines.Scan() {
		number++
		if len(lines.Bytes()) > maxLineBytes {
			return nil, tooLong(number)
		}
		entry, _, _ := bytes.Cut(lines.Bytes(), []byte("#"))
		entry = bytes.TrimSpace(entry)
		if len(entry) == 0 {
			continue
		}
		entry, err := check(entry)
		if err != nil {
			return nil, &PolicyError{Line: number, Reason: err.Error()}
		}
		list.keys = append(list.keys, digestOf(entry))
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, tooLong(number + 1)
	}
	if lines.Err() != nil {
		return nil, lines.Err()
	}
	if limited.N == 0 {
		return nil, &PolicyError{Reason: fmt.Sprintf("the list has more than %d bytes", maxListBytes)}
	}
	list.hash = hex.EncodeToString(sum.Sum(nil))
	list.sort()
	return list, nil
}

func tooLong(line int) error {
	return &PolicyError{Line: line, Reason: fmt.Sprintf("longer than %d bytes", maxLineBytes)}
}

// sort puts the keys in order, drops repeats and notes where each first half-word begins.
func (l *List) sort() {
	slices.SortFunc(l.keys, func(a, b digest) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		return cmp.Compare(a.low, b.low)
	})
	l.keys = slices.Clip(slices.Compact(l.keys))
	next := 0
	for i, key := range l.keys {
		for ; next <= int(key.high>>48); next++ {
			l.from[next] = int32(i)
		}
	}
	for ; next < len(l.from); next++ {
		l.from[next] = int32(len(l.keys))
	}
}

// Hash returns the lower-case hex SHA-256 of the list's exact bytes.
func (l *List) Hash() string {
	return l.hash
}

// Len returns the number of different entries.
func (l *List) Len() int {
	return len(l.keys)
}

func (l *List) has(entry []byte) bool {
	key := digestOf(entry)
	bucket := l.keys[l.from[key.high>>48]:l.from[key.high>>48+1]]
	_, ok := slices.BinarySearchFunc(bucket, key, func(a, b digest) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		return cmp.Compare(a.low, b.low)
	})
	return ok
}

// HasHost says whether the list has the host or a domain above it: of a.b.example.com also b.example.com and example.com, never com. The list alone decides how far up
// that goes: one that names github.io means every site there, one that names evil.github.io means that one.
func (l *List) HasHost(host string) bool {
	if len(host) > 253 {
		return false
	}
	var buffer [253]byte
	rest := buffer[:copy(buffer[:], host)]
	for bytes.IndexByte(rest, '.') >= 0 {
		if l.has(rest) {
			return true
		}
		rest = rest[bytes.IndexByte(rest, '.')+1:]
	}
	return false
}

// checkDomain returns a domain as links have it.
func checkDomain(entry []byte) ([]byte, error) {
	plain := len(entry) > 3
	for _, c := range entry {
		plain = plain && ('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_')
	}
	if plain && entry[0] != '.' && entry[len(entry)-1] != '.' && bytes.IndexByte(entry, '.') > 0 && !bytes.Contains(entry, []byte("xn--")) && !bytes.Contains(entry, []byte("..")) {
		return entry, nil // what nearly all lines are
	}
	host, err := checkHost(strings.TrimPrefix(string(entry), "*."))
	return []byte(host), err
}

func (p *policyParser) readLists(n *yaml.Node) error {
	return sequence(n, "lists", 100, func(n *yaml.Node) error {
		l := listSpec{line: n.Line}
		var kind string
		err := mapping(n, "a list",
			stringField("name", "a list's name", &l.name),
			stringField("kind", "a list's kind", &kind),
			stringField("file", "a list's file", &l.file),
		)
		l.kind = ListKind(kind)
		switch {
		case err != nil:
			return err
		case !ruleName.MatchString(l.name):
			return at(n, "list %q: a name is lower-case words of a-z and 0-9 with _ between", l.name)
		case l.kind != Domains && l.kind != Addresses:
			return at(n, "list %s: kind is %s or %s, not %q", l.name, Domains, Addresses, kind)
		case l.file == "":
			return at(n, "list %s names no file", l.name)
		case !fs.ValidPath(l.file):
			return at(n, "list %s: file %q must lie beside the policy or below it: lists/name.txt", l.name, l.file)
		case slices.ContainsFunc(p.policy.lists, func(other listSpec) bool { return other.name == l.name }):
			return at(n, "list %s is there already: names must differ", l.name)
		}
		p.policy.lists = append(p.policy.lists, l)
		return nil
	})
}

// listNamed returns a check that a list of that kind is declared.
func (p *policyParser) listNamed(kind ListKind) func(string) (string, error) {
	return func(name string) (string, error) {
		for _, l := range p.policy.lists {
			if l.name == name && l.kind == kind {
				return name, nil
			}
		}
		return "", fmt.Errorf("no list of %s is named %q", kind, name)
	}
}

// ReadLists reads the lists that the policy names from files, which are named in relation to folder's root.
func (p *Policy) ReadLists(folder fs.FS) ([]*List, error) {
	lists := make([]*List, 0, len(p.lists))
	for _, spec := range p.lists {
		file, err := folder.Open(spec.file)
		if err != nil {
			return nil, &PolicyError{Line: spec.line, Reason: fmt.Sprintf("list %s: %s", spec.name, err)}
		}
		list, err := ReadList(spec.name, spec.kind, file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("list %s: %s: %w", spec.name, spec.file, err)
		}
		lists = append(lists, list)
	}
	return lists, nil
}
