package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// linkKind is a set of properties of a link.
type linkKind uint8

const (
	anyLink       linkKind = 1 << iota // an address of the web, surely meant as one
	ipLink                             // a number in place of a name
	foreignLink                        // a name with letters outside ASCII
	disguisedLink                      // written to be missed
	imitatedLink                       // looks like a brand's site and is not
	userInfoLink                       // the name of another site before an @
	numberLink                         // a number in another form than browsers show
)

var linkKindNames = []string{"any", "ip", "foreign", "disguised", "imitation", "userinfo", "number"}

// linkCondition holds for a message with a link that has one of these properties.
type linkCondition struct {
	kinds linkKind
	hosts []string // these and everything below them
	tlds  []string
	lists []string // domain lists
}

func (p *policyParser) readLinkCondition(n *yaml.Node, what string) (*linkCondition, error) {
	var c linkCondition
	var kinds []string
	err := mapping(n, what,
		stringsField("kinds", what+".kinds", &kinds, func(s string) (string, error) {
			i := slices.Index(linkKindNames, s)
			if i < 0 {
				return "", fmt.Errorf("no kind of link is named %q; there are %s", s, strings.Join(linkKindNames, ", "))
			}
			c.kinds |= 1 << i
			return s, nil
		}),
		stringsField("hosts", what+".hosts", &c.hosts, checkHost),
		stringsField("tlds", what+".tlds", &c.tlds, checkLabel),
		stringsField("lists", what+".lists", &c.lists, p.listNamed(Domains)),
	)
	if err == nil && c.kinds == 0 && len(c.hosts)+len(c.tlds)+len(c.lists) == 0 {
		err = at(n, "%s is empty: give kinds, hosts, tlds or lists", what)
	}
	return &c, err
}

// checkHost returns a host's name as links have it.
func checkHost(host string) (string, error) {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.ContainsAny(name, " \t/:@#*,;\"'<>\\") || strings.Contains(name, "..") || strings.HasPrefix(name, ".") {
		return "", fmt.Errorf("%q is not a host's name: write it alone, without https:// and path; what lies below it is meant too", host)
	}
	if !strings.Contains(name, ".") {
		return "", fmt.Errorf("%q has no dot: a whole top-level domain can't be listed here", host)
	}
	return hostOf(name), nil
}

// hostOf returns a host's name in the form that Link.Host has.
func hostOf(name string) string {
	if links := Normalise("https://" + name + "/").Links; len(links) == 1 {
		return links[0].Host
	}
	return name
}

func checkLabel(label string) (string, error) {
	name := strings.TrimPrefix(strings.ToLower(label), ".")
	if name == "" || strings.ContainsAny(name, ". \t/") {
		return "", errors.New("write a top-level domain as one word: zip")
	}
	return strings.TrimPrefix(hostOf("x."+name), "x."), nil
}

// below says whether host is domain or lies below it.
func below(host, domain string) bool {
	return strings.HasSuffix(host, domain) && (len(host) == len(domain) || host[len(host)-len(domain)-1] == '.')
}

// belowAny says whether host is one of the domains or lies below one.
func belowAny(host string, domains []string) bool {
	return slices.ContainsFunc(domains, func(domain string) bool { return below(host, domain) })
}

// holds says whether a link of the message has one of the properties.
func (c *linkCondition) holds(m *matcher, rule string, explain *[]Finding) bool {
	holds := false
	for i := range m.text.Links {
		link := &m.text.Links[i]
		if belowAny(link.Host, m.policy.exceptions.hosts) && !(link.UserInfo && c.kinds&userInfoLink != 0) || !c.matches(m, link) {
			continue
		}
		if explain == nil {
			return true
		}
		holds = true
		*explain = append(*explain, Finding{Rule: rule, In: "link", Text: link.Host})
	}
	return holds
}

func (c *linkCondition) matches(m *matcher, link *Link) bool {
	web := !link.Mail && !link.Loose
	if web && c.kinds&kindsOf(link) != 0 {
		return true
	}
	if c.kinds&imitatedLink != 0 && !link.Loose && m.policy.imitates(link) {
		return true
	}
	if belowAny(link.Host, c.hosts) {
		return true
	}
	if web && slices.Contains(c.tlds, link.Host[strings.LastIndexByte(link.Host, '.')+1:]) {
		return true
	}
	return slices.ContainsFunc(c.lists, func(name string) bool { return m.lists[name].HasHost(link.Host) })
}

// kindsOf returns the properties of a link that need no policy.
func kindsOf(link *Link) linkKind {
	kinds := anyLink
	if _, err := netip.ParseAddr(strings.Trim(link.Host, "[]")); err == nil {
		kinds |= ipLink
	} else if isNumber(link.Host) {
		kinds |= ipLink | numberLink
	}
	if link.UserInfo {
		kinds |= userInfoLink
	}
	if strings.ContainsFunc(link.Host, func(r rune) bool { return r > 127 }) {
		kinds |= foreignLink
	}
	if link.Disguised {
		kinds |= disguisedLink
	}
	return kinds
}

// isNumber says whether browsers take a host for the number of an address in an unusual form: one number or several, decimal, octal or hexadecimal (WHATWG URL Standard, IPv4 parser).
func isNumber(host string) bool {
	if host == "" || !isDigit(host[0]) || strings.Count(host, ".") > 3 {
		return false
	}
	for part := range strings.SplitSeq(host, ".") {
		if _, err := strconv.ParseUint(part, 0, 32); err != nil || strings.Contains(part, "_") {
			return false
		}
	}
	return true
}
