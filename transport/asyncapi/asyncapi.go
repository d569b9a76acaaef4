package asyncapi

import (
	"encoding/json"
	"fmt"
	"slices"

	"chainmail/domain/wire"
	"chainmail/transport/frame"
)

// Describe returns the document as JSON: the frames that package frame has, and those that are pushed. What the
// descriptions say is written in the program, so it panics where it makes no sense.
func Describe(pushed []wire.Description) []byte {
	d := document{
		AsyncAPI: "3.0.0",
		Info: info{
			Title: "Chainmail", Version: "1",
			Description: "Frames are JSON objects in text messages. Unknown fields are ignored, so that there can be more of them some day. " +
				"The HTTP API is described at /openapi.json.",
		},
		DefaultContentType: "application/json",
		Components:         shared(),
	}
	d.Servers.add("plain", serverOf("ws", "Without TLS, as on one's own machine."))
	d.Servers.add("tls", serverOf("wss", "With TLS."))
	socket := channel{Address: "/ws", Title: "The WebSocket", Description: ending, Bindings: handshake()}

	fromServer := append(frame.ServerFrames(), pushed...)
	var unasked []reference
	for _, f := range fromServer {
		socket.Messages.add(serverKey(f), serverMessage(f))
		if !slices.Contains(onlyAnswers, f.Name) {
			unasked = append(unasked, toMessage(serverKey(f)))
		}
	}
	d.Operations.add("send_unasked", &operation{
		Action: "send", Channel: toSocket, Title: "Frames that no request has asked for",
		Summary:  "First authenticated, what was missed, synced, and presence of those online; then what happens. Pushes are in order of position.",
		Messages: unasked,
	})
	for _, f := range frame.ClientFrames() {
		key := clientKey(f)
		socket.Messages.add(key, clientMessage(f))
		d.Operations.add("receive_"+key, &operation{
			Action: "receive", Channel: toSocket, Title: f.Title, Summary: f.Summary,
			Messages: []reference{toMessage(key)}, Reply: replyTo(f),
		})
	}
	d.Channels.add("socket", socket)
	raw, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("describe the frames: %v", err)) // it is the same at every start
	}
	return raw
}

// onlyAnswers are frames that never come without a request.
var onlyAnswers = []string{"message_sent", "warning", "subscribed", "unsubscribed", "pong"}

var toSocket = reference{"#/channels/socket"}

func toMessage(key string) reference { return reference{"#/channels/socket/messages/" + key} }

// The frames of both sides share names, so their keys say which side sends.
func serverKey(d wire.Description) string {
	if d.Key != "" {
		return "server_" + d.Key
	}
	return "server_" + d.Name
}

func clientKey(f frame.ClientFrame) string {
	if f.Name == "" {
		return "client_without_type"
	}
	return "client_" + f.Name
}

func serverMessage(d wire.Description) message {
	m := message{Name: d.Name, Title: d.Title, Summary: d.Summary, Payload: serverSchema(d.Name, d.Examples[0])}
	for _, e := range d.Examples {
		m.Examples = append(m.Examples, example{e.AppendJSON(nil)})
	}
	for _, p := range m.Payload.Properties {
		if p.name == "ref" {
			m.CorrelationID = &byRef
		}
	}
	return m
}

func clientMessage(f frame.ClientFrame) message {
	return message{
		Name: f.Name, Title: f.Title, Summary: f.Summary, CorrelationID: &byRef,
		Payload: clientSchema(f), Examples: []example{{json.RawMessage(f.Example)}},
	}
}

// replyTo lists what may answer a frame. An error may come for each, though not for each that is done.
func replyTo(f frame.ClientFrame) *reply {
	r := &reply{Channel: toSocket}
	for _, name := range append(slices.Clone(f.Answers), "error") {
		r.Messages = append(r.Messages, toMessage("server_"+name))
	}
	return r
}
