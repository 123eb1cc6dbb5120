package bank

// equipEmulator is the bank's app in an emulator, or a program that speaks as it does.
func equipEmulator(b *Bank, t *thief) {
	t.access = b.home(t.rng, b.far(t.rng, t.s.city))
	t.client = t.copied()
	if chance(t.rng, 0.5) {
		t.client.agent = changed(t.client.agent, func(a *agent) { a.ja4 = ja4Python })
		t.access = b.rented(t.rng)
	}
}

// otherCustomer is somebody who is not the victim, where the bank has two.
func (b *Bank) otherCustomer(t *thief) *customer {
	other := &b.customers[t.rng.IntN(len(b.customers))]
	for other == t.s.c && len(b.customers) > 1 {
		other = &b.customers[t.rng.IntN(len(b.customers))]
	}
	return other
}

// equipElsewhere is a copy of the app at a neighbour's, who shows the token under his own name, or under none.
func equipElsewhere(b *Bank, t *thief) {
	equipSameOperator(b, t)
	if t.careful {
		t.as = b.otherCustomer(t)
	}
}

// equipOther is the browser and the line of a customer who shows another one's session under his own login.
func equipOther(b *Bank, t *thief) {
	t.as = b.otherCustomer(t)
	t.access = t.as.homeLine
	t.client = b.newClient(t, t.as.home)
}
