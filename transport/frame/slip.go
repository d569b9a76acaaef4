package frame

// slip is a name that clients use by mistake.
type slip struct {
	meant field
	// unsure names may also be an honest field of the client's own. They count only where the
	// frame would be refused anyhow for want of what they may mean.
	unsure bool
}

// The slips of each type, by their plain names. A field's own name in another spelling
// (conversationId, Conversation-ID) needs no entry.
var (
	targetSlips = map[string]slip{
		"conversation":     {meant: fieldConversationID},
		"conversationuuid": {meant: fieldConversationID},
		"convid":           {meant: fieldConversationID},
		"roomid":           {meant: fieldConversationID},
		"chatid":           {meant: fieldConversationID},
		"threadid":         {meant: fieldConversationID},
		"groupid":          {meant: fieldConversationID},
		"channelid":        {meant: fieldConversationID},
		"room":             {meant: fieldConversationID, unsure: true},
		"chat":             {meant: fieldConversationID, unsure: true},
		"thread":           {meant: fieldConversationID, unsure: true},
		"group":            {meant: fieldConversationID, unsure: true},
		"channel":          {meant: fieldConversationID, unsure: true},
		"receiver":         {meant: fieldReceiverID},
		"recipient":        {meant: fieldReceiverID},
		"recipientid":      {meant: fieldReceiverID},
		"to":               {meant: fieldReceiverID},
		"toid":             {meant: fieldReceiverID},
		"touser":           {meant: fieldReceiverID},
		"touserid":         {meant: fieldReceiverID},
		"targetid":         {meant: fieldReceiverID},
		"targetuserid":     {meant: fieldReceiverID},
		"peerid":           {meant: fieldReceiverID},
		"target":           {meant: fieldReceiverID, unsure: true},
		"peer":             {meant: fieldReceiverID, unsure: true},
		"user":             {meant: fieldReceiverID, unsure: true},
		"userid":           {meant: fieldReceiverID, unsure: true},
		"participantid":    {meant: fieldReceiverID, unsure: true},
	}
	chatSlips = join(targetSlips, map[string]slip{
		"text":              {meant: fieldContent},
		"message":           {meant: fieldContent},
		"msg":               {meant: fieldContent},
		"body":              {meant: fieldContent},
		"messagetext":       {meant: fieldContent},
		"messagebody":       {meant: fieldContent},
		"messagecontent":    {meant: fieldContent},
		"clientmsgid":       {meant: fieldClientMessageID},
		"messageid":         {meant: fieldClientMessageID},
		"msgid":             {meant: fieldClientMessageID},
		"messageuuid":       {meant: fieldClientMessageID},
		"localid":           {meant: fieldClientMessageID},
		"localmessageid":    {meant: fieldClientMessageID},
		"tempid":            {meant: fieldClientMessageID},
		"temporaryid":       {meant: fieldClientMessageID},
		"nonce":             {meant: fieldClientMessageID},
		"idempotencykey":    {meant: fieldClientMessageID},
		"dedupekey":         {meant: fieldClientMessageID},
		"clientgeneratedid": {meant: fieldClientMessageID},
	})
	typingSlips = join(targetSlips, map[string]slip{
		"typing":   {meant: fieldIsTyping},
		"active":   {meant: fieldIsTyping},
		"isactive": {meant: fieldIsTyping},
		"status":   {meant: fieldIsTyping},
		"state":    {meant: fieldIsTyping},
	})
	receiptSlips = slipsFor(fieldMessageID, "id", "ids", "messageids", "message", "messageuuid", "msgid", "mid")
	readSlips    = slipsFor(fieldMessageIDs, "id", "ids", "messageid", "message", "messages", "messageuuids", "msgid", "msgids")
	channelSlips = slipsFor(fieldChannel, "channels", "channelid", "channelname", "topic", "topics", "name", "room", "taskid", "projectid")
	syncSlips    = slipsFor(fieldSince, "position", "sinceposition", "fromposition", "lastposition", "from", "after", "cursor", "offset", "seq", "sinceseq")
	tokenSlips   = slipsFor(fieldToken, "jwt", "accesstoken", "authtoken", "bearertoken", "bearer", "authorization")
)

func slipsFor(meant field, names ...string) map[string]slip {
	m := make(map[string]slip, len(names))
	for _, name := range names {
		m[name] = slip{meant: meant}
	}
	return m
}

func join(tables ...map[string]slip) map[string]slip {
	all := map[string]slip{}
	for _, t := range tables {
		for name, s := range t {
			all[name] = s
		}
	}
	return all
}

// checkSlips refuses a field that the server would ignore though the client counts on it: one whose
// name is a slip for a field of this type that the frame lacks. A null counts for nothing.
func (r *request) checkSlips(s *shape) *Error {
	for i := range r.others {
		m := &r.others[i]
		if meant, ok := r.meant(s, m); ok {
			return slipped(m.name.text(), meant)
		}
	}
	for f := range fieldCount {
		if s.knows(f) || !r.has(f) {
			continue
		}
		if slip, ok := s.slips[plainNames[f]]; ok && r.counts(slip) {
			return slipped(f.String(), slip.meant)
		}
	}
	return nil
}

// meant finds the field that a member is a slip for.
func (r *request) meant(s *shape, m *member) (field, bool) {
	if !m.value.given() {
		return 0, false
	}
	var room [maxPlain]byte
	name := appendPlain(room[:0], m.name.bytes())
	for f := range fieldCount {
		if s.knows(f) && string(name) == plainNames[f] {
			return f, !r.has(f)
		}
	}
	slip, ok := s.slips[string(name)]
	return slip.meant, ok && r.counts(slip)
}

// counts reports whether the frame lacks what the slip means.
func (r *request) counts(s slip) bool {
	if !s.unsure {
		return !r.has(s.meant)
	}
	return !r.has(fieldConversationID) && !r.has(fieldReceiverID)
}

// misspells reports whether a member is a slip for the field f, which the frame lacks.
func (r *request) misspells(s *shape, f field) bool {
	for i := range r.others {
		if meant, ok := r.meant(s, &r.others[i]); ok && meant == f {
			return true
		}
	}
	return false
}

func slipped(sent string, meant field) *Error {
	sent = echo(sent)
	return &Error{
		Code:    UnknownField,
		Message: "there is no field " + sent + " in this frame: did you mean " + meant.String() + "?",
		Field:   sent,
		Hint:    meant.String(),
	}
}
