package ingest

import (
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

// The values are those of Kafka's own test, org.apache.kafka.common.utils.UtilsTest.testMurmur2.
func TestMurmur2AsKafka(t *testing.T) {
	f := func(key string, want int32) {
		t.Helper()
		if got := int32(murmur2(key)); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
	f("21", -973932308)
	f("foobar", -790332482)
	f("a-little-bit-long-string", -985981536)
	f("a-little-bit-longer-string", -1486304829)
	f("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)
	f("abc", 479470107)
}

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
