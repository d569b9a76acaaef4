package judge

import (
	"slices"

	"chainmail/guard"
)

// ModelMessage says what it means that a language model is a reason.
const ModelMessage = "A language model takes it for harmful."

const (
	unansweredMessage = "It looks suspicious, and a closer look is not possible just now. Try again later, as a new message."
	otherMessage      = "It looks harmful."
)

// Tell says to a person why a text was blocked, given the names of the reasons with the weightiest first. A name that the
// policy in force does not have is one of an older policy.
func (j *Judge) Tell(reasons []string) string {
	if slices.Contains(reasons, guard.UnansweredReason) {
		return unansweredMessage
	}
	g := j.Guard()
	for _, name := range reasons {
		if message := g.Message(name); message != "" {
			return message
		}
	}
	if slices.Contains(reasons, guard.ModelReason) {
		return ModelMessage
	}
	return otherMessage
}
