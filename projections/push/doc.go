// Package push turns events of the log into the frames that clients get, and says who gets them.
//
// One function makes the frames of an event, from the event and the view alone, so that what is
// pushed live ([Pusher.Run]) and what is caught up with later ([Pusher.CatchUp]) are the same
// bytes. Who gets a frame is judged as of the event's position, never as of now:
//
//	event                                frame            goes to
//	MessageSent                          chat_message     those present at its position; the sender's own has client_message_id
//	MessageDelivered                     message_status   the message's sender
//	MessageRead                          message_status   the message's sender and the reader's other connections
//	ContentErased                        message_erased   those present at its position; nobody, where the message was blocked
//	ConversationStarted                  conversation     the participants
//	ParticipantAdded, ParticipantLeft    conversation     those present at its position, who joins or leaves included
//	NotificationCreated                  notification     the user who is notified
//	NotificationRead                     notification_read  the same
//	TaskStatusChanged                    task_status_update  its freelancer, its project's author, and connections that watch it
//	AnnouncementMade                     announcement     everybody who was registered before
//
// Nobody hears of what the guard thinks: its events are in streams that no catch-up reads. A message that an admin
// releases is a MessageSent like any other, and reaches its sender's connections too.
//
// The sink also hears of who has come into a conversation, and of blocks that end, for frames of the moment that are no event's.
//
// The sender of a message hears of its receipts after leaving the conversation too, as its
// recipients may still acknowledge it.
//
// # Gathered statuses
//
// The sender of a message to more than 50 participants gets counts instead of a frame a receipt:
// live at most one a second, caught up with the last alone. A live one is pushed when everything
// up to the head has been, and its position is that head: a frame that came late with its last receipt's
// position would break the order of positions on the connection. Caught up, it stands at its last receipt's position.
//
// The counts are read when a frame is due, from the state tables as of their offset and from the
// log's receipts after it. The tables know what the server has not seen since it started and hold at most
// a row a recipient, where the log's receipts of an old message lie scattered among all others of its
// conversation; the log makes up for the tables' lag, whether that is 10 ms or a projection that stands still.
package push
