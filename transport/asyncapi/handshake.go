package asyncapi

import "chainmail/transport/frame"

// ending says how a connection ends, in CommonMark.
const ending = `GET /ws with an access token in one of three places. The handshake always completes, so that a browser can read why it was
refused; but a page whose origin is not allowed gets HTTP 403. A frame that is refused is answered with an error, and the connection lives on.
It ends only with one of these codes:

| code | why | what a client does |
| --- | --- | --- |
| 1002 | against RFC 6455 | |
| 1003 | a binary message | |
| 1007 | not UTF-8 | |
| 1008 | ` + "`token expired`" + ` | gets a new token and reconnects |
| 1008 | ` + "`token missing`, `token invalid`, `user not found or inactive`, `session ended`, `too many connections`" + ` | does not reconnect |
| 1009 | a frame over 65,536 bytes | |
| 1012 | the server restarts, or it isn't known whether a send was stored | reconnects and sends again what was not answered |
| 1013 | this client reads too slowly | reconnects with since |
`

// byRef says by what an answer is known.
var byRef = reference{"#/components/correlationIds/ref"}

// shared has the places of a token, and how an answer finds its request.
func shared() (c components) {
	c.SecuritySchemes.add("header", securityScheme{
		Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token in the header Authorization. Looked at first.",
	})
	c.SecuritySchemes.add("subprotocol", securityScheme{
		Type: "httpApiKey", Name: "Sec-WebSocket-Protocol", In: "header",
		Description: "`chainmail.v1, bearer.<JWT>`: the way for browsers, which keeps the token out of the address. The server answers `chainmail.v1`.",
	})
	c.SecuritySchemes.add("query", securityScheme{
		Type: "httpApiKey", Name: "token", In: "query", Description: "An access token, a JWT. Looked at last.",
	})
	c.CorrelationIDs.add("ref", correlationID{
		Location: "$message.payload#/ref", Description: "A request's ref comes back on its answer or error.",
	})
	return c
}

func serverOf(protocol, description string) server {
	s := server{Host: "{host}", Protocol: protocol, Title: protocol, Description: description}
	s.Variables.add("host", variable{Default: "127.0.0.1:8080", Description: "the host that has this document"})
	for _, place := range shared().SecuritySchemes {
		s.Security = append(s.Security, reference{"#/components/securitySchemes/" + place.name})
	}
	return s
}

// handshake describes what a client asks for when it connects.
func handshake() bindings {
	query := &schema{Type: "object"}
	query.Properties.add("token", &schema{Type: "string", Description: "the access token, where it is in no header"})
	for _, f := range frame.ClientFrames() {
		if f.Name != string(frame.Sync) {
			continue
		}
		for _, field := range f.Fields {
			if field.Name != "ref" {
				query.Properties.add(field.Name, parsed(field))
			}
		}
	}
	headers := &schema{Type: "object"}
	headers.Properties.add("Authorization", &schema{Type: "string", Pattern: "^Bearer ", Description: "the access token"})
	headers.Properties.add("Sec-WebSocket-Protocol", &schema{Type: "string", Description: "chainmail.v1, bearer.<JWT>"})
	return bindings{wsBinding{Method: "GET", Query: query, Headers: headers, Version: "0.1.0"}}
}
