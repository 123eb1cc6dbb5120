package ingest

import (
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

func TestKey(t *testing.T) {
	f := func(e detector.Event, want string) {
		t.Helper()
		if got := Key(&e); got != want {
			t.Errorf("key is %q, want %q", got, want)
		}
	}
	ip := netip.MustParseAddr("192.0.2.7")
	f(detector.Event{User: detector.User{ID: "u"}, Session: detector.Session{ID: "s"}, Type: detector.SessionUnknownID, Client: detector.Client{IP: ip}}, "u")
	f(detector.Event{Session: detector.Session{ID: "s"}, Type: detector.SessionUnknownID, Client: detector.Client{IP: ip}}, "ip:192.0.2.7")
	f(detector.Event{Session: detector.Session{ID: "s"}, Type: detector.SessionPresented, Client: detector.Client{IP: ip}}, "s")
}
