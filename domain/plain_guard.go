package domain

import (
	"strconv"

	"chainmail/domain/wire"
)

// reasonSize is about how long a reason's JSON is.
const reasonSize = 64

func (m *MessageJudged) sizeHint() int { return 384 + reasonSize*len(m.Reasons) }

func (m *MessageJudged) appendJSON(dst []byte) ([]byte, bool) {
	dst = appendID(dst, `{"message_id":"`, m.MessageID)
	dst = appendID(dst, `","sender_id":"`, m.SenderID)
	dst = append(dst, `","risk_score":`...)
	return appendVerdict(dst, m.RiskScore, m.PolicyHash, m.Reasons, m.Model)
}

func (m *MessageBlocked) sizeHint() int { return 640 + reasonSize*len(m.Reasons) }

func (m *MessageBlocked) appendJSON(dst []byte) ([]byte, bool) {
	dst = appendID(dst, `{"message_id":"`, m.MessageID)
	dst = append(dst, `","conversation_id":`...)
	dst = appendIDOrAbsent(dst, m.ConversationID)
	dst = appendID(dst, `,"sender_id":"`, m.SenderID)
	dst = append(dst, `","receiver_id":`...)
	dst = appendIDOrAbsent(dst, m.ReceiverID)
	dst = append(dst, `,"client_message_id":`...)
	dst = appendTextOrNull(dst, m.ClientMessageID)
	dst = append(dst, `,"content_hash":`...)
	dst = wire.AppendString(dst, m.ContentHash)
	dst = append(dst, `,"risk_score":`...)
	return appendVerdict(dst, m.RiskScore, m.PolicyHash, m.Reasons, m.Model)
}

// appendVerdict writes what follows the name of the risk score. It takes numbers from 0 to 1 as people write them.
func appendVerdict(dst []byte, risk float64, policy string, reasons []RiskReason, model *ModelOpinion) ([]byte, bool) {
	plain := isShare(risk)
	dst = strconv.AppendFloat(dst, risk, 'f', -1, 64)
	dst = append(dst, `,"policy_hash":`...)
	dst = wire.AppendString(dst, policy)
	dst = append(dst, `,"reasons":`...)
	if reasons == nil {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, '[')
		for i, r := range reasons {
			if i > 0 {
				dst = append(dst, ',')
			}
			plain = plain && isShare(r.Weight)
			dst = append(dst, `{"rule":`...)
			dst = wire.AppendString(dst, r.Rule)
			dst = append(dst, `,"weight":`...)
			dst = strconv.AppendFloat(dst, r.Weight, 'f', -1, 64)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"model":`...)
	if model == nil {
		return append(dst, "null}"...), plain
	}
	dst = append(dst, `{"model":`...)
	dst = wire.AppendString(dst, model.Model)
	dst = append(dst, `,"label":`...)
	dst = appendTextOrNull(dst, model.Label)
	dst = append(dst, `,"score":`...)
	if model.Score == nil {
		dst = append(dst, "null"...)
	} else {
		plain = plain && isShare(*model.Score)
		dst = strconv.AppendFloat(dst, *model.Score, 'f', -1, 64)
	}
	dst = append(dst, `,"failure":`...)
	dst = appendTextOrNull(dst, model.Failure)
	return append(dst, "}}"...), plain
}

// isShare reports whether strconv writes a number as encoding/json does: 0, or 0.01 to 1.
func isShare(n float64) bool { return n == 0 || 0.01 <= n && n <= 1 }
