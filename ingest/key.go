package ingest

import "github.com/sessionguard/sessionguard/detector"

// Key gives the Kafka key of an event: the user id when known; else ip:<address> for session.unknown_id; else the session id.
func Key(e *detector.Event) string {
	switch {
	case e.User.ID != "":
		return e.User.ID
	case e.Type == detector.SessionUnknownID && e.Client.IP.IsValid():
		return "ip:" + e.Client.IP.String()
	}
	return e.Session.ID
}
