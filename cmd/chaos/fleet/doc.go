// Package fleet runs what is to be disturbed, as real processes: a durable PostgreSQL, a Redis, and servers that
// reach them through proxies of package fault. Everything is killed, frozen and started again from here.
package fleet
