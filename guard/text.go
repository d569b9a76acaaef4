package guard

// Text is what a message looks like to the guard: made once by Normalise, read by rules and classifier. What is stored
// and sent stays as written.
type Text struct {
	// Original is the message as written.
	Original string

	// Folded is the message in one plain form: percent- and HTML-encoding undone, NFKC, lower case, look-alike letters
	// replaced by those they imitate, invisible and stacked combining characters dropped, digits and signs that stand for
	// letters inside a word replaced by these. Latin letters carry no accents (ü is u, ß is ss): write patterns without them.
	// Each line break is a \n, each stretch of other white space a blank.
	Folded string

	// Joined is Folded with words put together that were written as single letters apart ("s e e d", "s.e.e.d"), and on one line when nearly each
	// word had a line of its own. It is the same string as Folded where nothing was.
	Joined string

	// Bare is Folded as it reads without marks, emoji and line breaks between words, its words put together where Joined puts them together too. It is the same string as Folded
	// where there is nothing of the kind.
	Bare string

	// Links are the web and mail addresses in the text in order, the disguised ones too, at most maxLinks.
	Links []Link

	// Disguise says which tricks were met.
	Disguise Disguise
}

// Link is an address found in a text.
type Link struct {
	// URL is the address as in Text before look-alike letters were replaced, in lower case, its disguise undone: host and what follows it.
	URL string

	// Host is the host's name in lower case as a browser would ask for it, but with Unicode labels instead of punycode. Letters that imitate
	// others are still there, so that it is safe to compare with a list of trusted hosts.
	Host string

	// Skeleton is the host as it looks: Skeleton(Host). A Skeleton that belongs to a known site whose name isn't Host is an imitation.
	Skeleton string

	// Disguised is true for an address that was written to be missed ("hxxp", "example[.]com", "example dot com").
	Disguised bool

	// Loose is true for words with a dot between that may be two sentences without a space ("all done.so what"), not an address.
	Loose bool

	// Mail is true for a mail address.
	Mail bool

	// UserInfo is true for an address with the name of another site before an @ in front of the host (RFC 3986 §3.2.1): https://example.org@example.com.
	UserInfo bool
}

// maxLinks bounds the links of a text; further ones are not looked at.
const maxLinks = 32

// Disguise is a set of tricks that hide words from a filter.
type Disguise uint16

// The tricks.
const (
	Invisible  Disguise = 1 << iota // zero-width characters inside words
	Stacked                         // combining marks piled on letters
	Bidi                            // an override of the writing direction
	Homoglyphs                      // letters of another script that look alike
	Styled                          // mathematical, full-width, enclosed letters
	Encoded                         // letters as %73 or &#115;
	Leet                            // digits and signs for letters: p4ssw0rd
	Spaced                          // letters apart: s e e d
	Hidden                          // an address written to be missed: hxxp, [.], dot
)
