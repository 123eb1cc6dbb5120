package detector

// Records of the state. They are fixed in size, hold no pointers and no padding: the slabs are the snapshot (snapshot.go).
// Times are Unix ms of events; 0 is never.

// session is what is normal for one session.
type session struct {
	key            key
	first          int64 // the session's beginning, or the first event seen of it
	created        int64 // the latest session.created: an end before it was another life's
	last           int64 // the latest event; never goes back
	ended          int64
	reauthed       int64    // the last passed step-up
	drifted        int64    // the last change of client that a rule fired on
	moved          int64    // the last change of network
	place          stay     // the last place learned
	lastIP         [16]byte // of the last accepted use, whatever was found
	baseIP         [16]byte // of the last event that was learned
	client         print
	lastIPAt       int64     // when lastIP was last seen
	pagesUntil     int64     // until when a person would need for the pages asked for
	actionsUntil   int64     // likewise for the actions
	successorCheck uint64    // half of the successor's key
	userCheck      uint64    // half of the user's key: a slot that was reused is not the user any more
	repeats        [8]uint64 // hashes of the last events, to recognise repeats
	times          [8]uint32 // their times, in seconds, for the neighbours of a late event
	lastASN        uint32    // of lastIP
	baseASN        uint32    // of baseIP
	user           uint32    // slot; 0 unknown
	trail          uint32    // slot; 0: the session never moved
	risk           uint32    // slot; 0: nothing ever fired
	hands          uint32    // slot; 0: one client alone showed the session
	boundKey       uint32    // hash of the key thumbprint that the session is bound to
	provedOn       uint32    // the network of the last valid proof of device binding; 0: there was none
	successor      uint32    // slot of the session that goes on after a rotation
	events         uint32
	life           life
	next           uint8 // where repeats and times go on
	endReason      Enum
	kind           Enum
	flags          sessionFlags
	lastFlags      networkFlags // of lastIP
	lastWhy        placeWhy     // why lastIP has no place
	aal            uint8        // the highest assurance level seen
	transport      Enum         // by which the id was first shown
	baseVeil       veil         // what hides baseIP
	baseFlags      networkFlags // of baseIP
	lastVeil       veil         // what hides lastIP
	_              [1]uint8
}

type sessionFlags uint8

const (
	beganInBrowser sessionFlags = 1 << iota
	settled                     // lastIP was judged and nothing fired: the same address need not be judged again
	wasTruncated                // state of this key was evicted before
	hasBaseline                 // an event was learned: there is something to compare with
	beganHidden                 // the login came from a hosting or anonymised network that is not the user's
	placed                      // its beginning with its user was seen here, or the other partitions were told
	steppedUp                   // of what placed tells of, there was only a step-up so far: the next use is told too
	claimedAfar                 // a user who logged in to it is known on another partition: who shows it here without one is no visitor
)

// trail is where a session was before its present place, and which networks it used lately.
type trail struct {
	stays    [4]stay // newest first
	networks [8]network
	twin     [16]byte // the other address family of the path by twinOf
	twinOf   [16]byte // the session's last address when the twin was learned
	approver print    // a client that passed a step-up for the session from elsewhere: the customer's phone
}

// user is what is normal for one customer.
type user struct {
	key       key
	first     int64
	last      int64
	disabled  int64 // account.disabled: sessions begun before have ended
	revoked   int64 // our last revoke_user_sessions: sessions begun before are to end
	trusted   int64 // until when a person trusts all his sessions
	repeats   [8]uint64
	networks  [8]knownNetwork
	devices   [8]ownDevice
	pairs     [3]pair
	countries [6]visited
	recent    [8]uint32 // slots of sessions, live or not
	home      home
	hours     [24]uint8 // sessions by the hour of the day at which they began (UTC)
	sessions  uint32    // live
	spending  uint32    // slot; 0: no transfer was learned
	failedAt  uint32    // the last failed authentication, in seconds
	truth     uint32    // slot; 0: the bank itself saw the customer nowhere lately
	logins    uint16    // sessions that taught
	days      uint16    // days on which one came
	lastDay   uint16    // since 1970
	next      uint8
	auths     uint8 // the last eight authentications, the newest in the lowest bit; 1 failed
}

// learnedAfterMS is how long a network must have been in use before it explains a movement: one day.
const learnedAfterMS = 24 * 3600_000

// remember notes an event among the last of its session. atMS is 0 where its place was not learned.
func (s *session) remember(id uint64, atMS int64) {
	s.repeats[s.next], s.times[s.next] = id, uint32(atMS/1000)
	s.next = (s.next + 1) % uint8(len(s.repeats))
}

// settleAt notes the network of an event that the session's own client was learned by.
func (s *session) settleAt(e *Event) {
	var asn uint32
	if a := e.Client.Geo.ASN; a.Set && a.V > 0 && a.V < 1<<32 {
		asn = uint32(a.V)
	}
	if ip := e.Client.IP.As16(); ip != s.baseIP {
		s.baseIP, s.baseASN, s.baseVeil, s.baseFlags = ip, asn, veilOf(&e.Client.Geo), 0
		if e.Client.Geo.Connection == "Cellular" {
			s.baseFlags = networkCellular
		}
	} else {
		take(&s.baseASN, asn)
	}
}

// eachStay shows the places that the session was at, newest first.
func (s *session) eachStay(t *trail, show func(*stay)) {
	if s.place.to != 0 {
		show(&s.place)
	}
	if t == nil {
		return
	}
	for i := range t.stays {
		if t.stays[i].to != 0 {
			show(&t.stays[i])
		}
	}
}

func (s *session) saw(id uint64) bool { return contains(&s.repeats, id) }

func contains(ring *[8]uint64, id uint64) bool {
	for _, r := range ring {
		if r == id {
			return true
		}
	}
	return false
}

func (u *user) remember(id uint64) {
	u.repeats[u.next] = id
	u.next = (u.next + 1) % uint8(len(u.repeats))
}
