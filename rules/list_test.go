package rules

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

func TestNetworksOfAList(t *testing.T) {
	l := &List{Type: CIDRs}
	for _, s := range []string{"198.51.100.0/24", "198.51.100.128/25", "198.51.101.0/24", "10.0.0.1", "2001:db8::/32", "0.0.0.0/32", "255.255.255.255"} {
		if fault, _ := l.add(s); fault != "" {
			t.Fatal(fault)
		}
	}
	l.seal()
	f := func(addr string, want bool) {
		t.Helper()
		if got := l.HasIP(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
	f("198.51.99.255", false)
	f("198.51.100.0", true)
	f("198.51.100.200", true)
	f("198.51.101.255", true)
	f("198.51.102.0", false)
	f("::ffff:198.51.100.7", true)
	f("10.0.0.1", true)
	f("10.0.0.2", false)
	f("0.0.0.0", true)
	f("255.255.255.255", true)
	f("2001:db8::1", true)
	f("2001:db9::", false)
	f("::", false)
	if (&List{}).HasIP(netip.Addr{}) || (*List)(nil).HasIP(netip.Addr{}) || l.HasIP(netip.Addr{}) {
		t.Error("no address is in a list")
	}
}

// TestNetworksAgreeWithASearch compares the ranges with a plain walk over the prefixes.
func TestNetworksAgreeWithASearch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l, prefixes := &List{Type: CIDRs}, []netip.Prefix{}
		for range 1 + random.IntN(20) {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(random.IntN(4)), byte(random.IntN(256))}), 20+random.IntN(13)).Masked()
			prefixes = append(prefixes, p)
			l.addPrefix(p)
		}
		l.seal()
		for range 500 {
			a := netip.AddrFrom4([4]byte{10, 0, byte(random.IntN(16)), byte(random.IntN(256))})
			want := false
			for _, p := range prefixes {
				want = want || p.Contains(a)
			}
			if got := l.HasIP(a); got != want {
				t.Fatalf("%s in %v: got %t", a, prefixes, got)
			}
		}
	}
}

func TestListFiles(t *testing.T) {
	rules := Source{Name: "etc/rules.yaml", Text: []byte("version: 1\nlists:\n  carriers: {type: asn, file: lists/asn.txt}\nrules:\n  - {id: a, score: 1, evidence: client, when: client.geo.asn in carriers}\n")}
	text := "# mobile carriers\n64496\n\n64497 # the second\r\n"
	opt := Options{ReadFile: func(name string) ([]byte, error) {
		if name != "etc/lists/asn.txt" {
			return nil, fmt.Errorf("no file %s", name)
		}
		return []byte(text), nil
	}}
	l := bankLanguage()
	set, problems := Load([]Source{rules}, l, opt)
	if set == nil {
		t.Fatal(written(problems))
	}
	for asn, want := range map[int64]Tri{64496: True, 64497: True, 64498: False, -1: False, 1<<32 + 64496: False} {
		if got := set.Rules[0].When.Eval(factsOf(t, l, map[string]Value{"client.geo.asn": {Int: asn}})); got != want {
			t.Errorf("%d: %s", asn, got)
		}
	}
	again, problems := Load(set.Sources, l, Options{})
	if again == nil || again.Hash != set.Hash {
		t.Errorf("a set's sources do not load as the same set: %s", written(problems))
	}
	text = "64496\n"
	if other, _ := Load([]Source{rules}, l, opt); other.Hash == set.Hash {
		t.Error("another list, the same hash")
	}
	text = "64496\n  AS64497\n"
	if _, problems := Load([]Source{rules}, l, opt); len(problems) != 1 || problems[0].Position.String() != "etc/lists/asn.txt:2:3" {
		t.Errorf("got %v", problems)
	}
	rules.Text = []byte(strings.ReplaceAll(string(rules.Text), "lists/asn", "../asn"))
	if _, problems := Load([]Source{rules}, l, opt); !HasErrors(problems) {
		t.Error("a list outside the rules' folder was read")
	}
}

func TestAMillionEntries(t *testing.T) {
	var inline, file strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&file, "%d.%d.%d.0/24\n", 1+i>>16, i>>8&255, i&255)
		if i < 200_000 {
			fmt.Fprintf(&inline, "  - u-%d\n", i)
		}
	}
	text := "version: 1\nlists:\n  nets: {type: cidr, file: nets.txt}\n  users:\n    type: string\n    values:\n" + strings.ReplaceAll(inline.String(), "  -", "    -") +
		"rules:\n  - {id: a, score: 1, evidence: client, when: client.ip in nets and user.id in users}\n"
	set, problems := Load([]Source{{Name: "r.yaml", Text: []byte(text)}}, bankLanguage(), Options{ReadFile: func(string) ([]byte, error) { return []byte(file.String()), nil }})
	if set == nil {
		t.Fatal(written(problems[:1]))
	}
}
