package detector

// knownNetwork is a network that a user's sessions used without a finding. Times are Unix seconds; 0 is never.
type knownNetwork struct {
	prefix uint64
	first  uint32 // since when it is in use without a finding above arm
	last   uint32
	asn    uint32
	v6     uint8
	_      [3]uint8
}

func (k *knownNetwork) is(n *network) bool {
	return k.last != 0 && k.prefix == n.prefix && k.v6 == uint8(n.flags&networkV6)
}

func (k *knownNetwork) knownFor(now int64) int64 { return now - int64(k.first)*1000 }

func (k *knownNetwork) lasting(now int64) int64 {
	if k.last != 0 && k.knownFor(now) >= learnedAfterMS {
		return int64(k.last) + 1<<32
	}
	return int64(k.last)
}

// forget drops a network on which something was found.
func (u *user) forget(n *network) {
	for i := range u.networks {
		if k := &u.networks[i]; k.is(n) {
			*k = knownNetwork{}
		}
	}
}

// network gives what the user's normal holds of a network, nil for nothing.
func (u *user) network(n *network) *knownNetwork {
	for i := range u.networks {
		if k := &u.networks[i]; k.is(n) {
			return k
		}
	}
	return nil
}

// knows says whether a network is one that the user has used for a day or more.
func (u *user) knows(n *network, now int64) bool {
	k := u.network(n)
	return k != nil && k.knownFor(now) >= learnedAfterMS
}

// knowsASN says whether a provider is one whose network the user has used for some time.
func (u *user) knowsASN(asn uint32, now, sinceMS int64) bool {
	for i := range u.networks {
		if k := &u.networks[i]; k.last != 0 && k.asn == asn && asn != 0 && k.knownFor(now) >= sinceMS {
			return true
		}
	}
	return false
}

// learn notes a network in use since a time (Unix ms). The one that was silent longest gives way, those that are not known yet first: a thief
// who goes through many networks does not wash the customer's out.
func (u *user) learn(n *network, since, now int64) {
	oldest := 0
	for i := range u.networks {
		k := &u.networks[i]
		if k.is(n) {
			k.first, k.last, k.asn = min(k.first, seconds(since)), max(k.last, seconds(now)), n.asn
			return
		}
		if k.lasting(now) < u.networks[oldest].lasting(now) {
			oldest = i
		}
	}
	u.networks[oldest] = knownNetwork{prefix: n.prefix, first: seconds(since), last: seconds(now), asn: n.asn, v6: uint8(n.flags & networkV6)}
}
