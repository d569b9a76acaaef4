package fanout

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// kind is what a channel is about.
type kind byte

const (
	toAll kind = iota
	toUser
	toRoom
	toTask
	toProject
)

var kindNames = [...]string{toAll: "broadcast", toUser: "user", toRoom: "room", toTask: "task", toProject: "project"}

// channel is one of the channels that events travel on. The id is zero for toAll.
type channel struct {
	kind kind
	id   domain.ID
}

// broadcast is the channel that every server has subscribed to.
var broadcast = channel{}

// clusterLanes is how many lanes a cluster's channels lie in. All servers have to agree.
const clusterLanes = 8

// names gives channels their names in Redis.
type names struct {
	prefix string
	lanes  int // 1: not a cluster
}

// lane is the one that the channel lies in. The last byte of an id is random.
func (n names) lane(c channel) int { return int(c.id[len(c.id)-1]) % n.lanes }

// name is the channel's name: the prefix, in a cluster the lane's hash tag, and the channel.
func (n names) name(c channel) string {
	if c.kind == toAll {
		return n.broadcast(0)
	}
	return n.tag(n.lane(c)) + kindNames[c.kind] + ":" + c.id.String()
}

// broadcast is the name of the lane's channel for markers. That of lane 0 is the channel broadcast.
func (n names) broadcast(lane int) string { return n.tag(lane) + kindNames[toAll] }

func (n names) tag(lane int) string {
	if n.lanes == 1 {
		return n.prefix
	}
	return n.prefix + "{" + strconv.Itoa(lane) + "}:"
}

// parse is the inverse of name in a lane; false for names that are none of ours.
func (n names) parse(lane int, name string) (channel, bool) {
	rest, ours := strings.CutPrefix(name, n.tag(lane))
	if !ours {
		return channel{}, false
	}
	if rest == kindNames[toAll] {
		return broadcast, true
	}
	what, text, _ := strings.Cut(rest, ":")
	for k := toUser; k <= toProject; k++ {
		if what == kindNames[k] {
			id, err := domain.ParseID(text)
			return channel{k, id}, err == nil
		}
	}
	return channel{}, false
}
