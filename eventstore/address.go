package eventstore

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// An address is a URL or a keyword string, as libpq takes them (PostgreSQL, §34.1.1). The driver doesn't know the URL's form
// with a port behind each of several hosts, postgres://user@one:5432,two:5432/name, and so never sees it.

// complete is the address as the driver takes it, with what is ours where it says nothing: a connect timeout, so that
// nobody hangs on a server that takes connections and says nothing, and, of several hosts, the one that takes writes.
func complete(dsn string) (string, error) {
	dsn = separate(dsn)
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return "", err
	}
	if config.ConnectTimeout == 0 {
		dsn = with(dsn, "connect_timeout", strconv.Itoa(int(connectTimeout.Seconds())))
	}
	if config.TargetSessionAttrs == "" && len(config.Multi) > 0 {
		dsn = with(dsn, "target_session_attrs", string(pq.TargetSessionAttrsReadWrite))
	}
	return dsn, nil
}

// separate moves the hosts of a URL that has several into its parameters host and port.
func separate(dsn string) string {
	before, list, after, ok := cutHosts(dsn)
	if !ok || !strings.Contains(list, ",") {
		return dsn
	}
	var hosts, ports []string
	for _, each := range strings.Split(list, ",") {
		host, port, err := net.SplitHostPort(each)
		if err != nil { // it has no port
			host, port = strings.Trim(each, "[]"), "5432"
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	return with(with(before+after, "host", strings.Join(hosts, ",")), "port", strings.Join(ports, ","))
}

// cutHosts cuts the hosts and their ports out of a URL.
func cutHosts(dsn string) (before, hosts, after string, ok bool) {
	scheme, rest, ok := strings.Cut(dsn, "://")
	if !ok || scheme != "postgres" && scheme != "postgresql" {
		return "", "", "", false
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	return scheme + "://" + rest[:start], rest[start:end], rest[end:], true
}

// with adds a parameter to an address.
func with(dsn, name, value string) string {
	if _, _, after, ok := cutHosts(dsn); ok {
		separator := "?"
		if strings.Contains(after, "?") {
			separator = "&"
		}
		return dsn + separator + url.Values{name: {value}}.Encode()
	}
	return dsn + " " + name + "='" + value + "'"
}

// Masked is an address as it may be shown: its passwords are hidden.
func Masked(dsn string) string {
	const unreadable = "an address that cannot be read"
	before, hosts, after, ok := cutHosts(dsn)
	if !ok {
		config, err := pq.NewConfig(dsn)
		if err != nil {
			return unreadable
		}
		return shown(config)
	}
	u, err := url.Parse(before + "hosts" + after)
	if err != nil {
		return unreadable
	}
	query := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		if query.Has(secret) {
			query.Set(secret, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	before, _, after, _ = cutHosts(u.Redacted())
	return before + hosts + after
}

// shown makes a URL of a keyword string.
func shown(config pq.Config) string {
	user := url.User(config.User)
	if config.Password != "" {
		user = url.UserPassword(config.User, config.Password)
	}
	hosts := []string{net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))}
	for _, m := range config.Multi {
		hosts = append(hosts, net.JoinHostPort(m.Host, strconv.Itoa(int(m.Port))))
	}
	u := url.URL{Scheme: "postgres", User: user, Host: "hosts", Path: config.Database}
	before, _, after, _ := cutHosts(u.Redacted())
	return before + strings.Join(hosts, ",") + after
}
