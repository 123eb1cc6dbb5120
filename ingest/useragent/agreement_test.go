package useragent

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sessionguard/sessionguard/detector"
)

var update = flag.Bool("update", false, "write the agreement table into docs/enrichment.md")

// outsideCase is one case of uap-core: a string and what many parsers' communities say that it is.
type outsideCase struct {
	UserAgent string `yaml:"user_agent_string"`
	Family    string `yaml:"family"`
}

// shared gives the folder of uap-core's test cases, or skips.
func shared(t *testing.T) string {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	folder := filepath.Join(root, "uap-core")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("needs the outside test data: set SHARED_DATA to its folder (%v)", err)
	}
	return folder
}

func outsideCases(t *testing.T, path string) []outsideCase {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []outsideCase `yaml:"test_cases"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func bankFamilies(t *testing.T, path string) map[string]bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	families := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		families[strings.TrimSpace(lines.Text())] = true
	}
	return families
}

// outsideName gives uap-core's word for what we found: it splits some families by device.
func outsideName(a detector.Agent) string {
	phone := a.Device == detector.Phone || a.Device == detector.Tablet || a.OS == detector.IOS || a.OS == detector.Android
	variants := map[detector.Browser][2]string{
		detector.Chrome: {"Chrome", "Chrome Mobile"}, detector.Edge: {"Edge", "Edge Mobile"}, detector.Firefox: {"Firefox", "Firefox Mobile"},
		detector.Safari: {"Safari", "Mobile Safari"}, detector.Opera: {"Opera", "Opera Mobile"}, detector.DuckDuckGo: {"DuckDuckGo", "DuckDuckGo Mobile"},
		detector.AndroidWebview: {"Chrome Mobile WebView", "Chrome Mobile WebView"}, detector.AppleWebview: {"Safari UI/WKWebView", "Mobile Safari UI/WKWebView"},
		detector.PythonRequests: {"Python Requests", "Python Requests"},
	}
	names, split := variants[a.Browser]
	switch {
	case a.OS == detector.IOS && (a.Browser == detector.Chrome || a.Browser == detector.Firefox):
		return names[0] + map[detector.Browser]string{detector.Chrome: " Mobile iOS", detector.Firefox: " iOS"}[a.Browser]
	case split && phone:
		return names[1]
	case split:
		return names[0]
	}
	return a.Browser.String()
}

// mssolaNames is generous: a family counts as named right whatever the device.
var mssolaNames = map[string][]string{
	"Chrome":    {"Chrome", "Chrome Mobile", "Chrome Mobile iOS"},
	"Firefox":   {"Firefox", "Firefox Mobile", "Firefox iOS"},
	"Safari":    {"Safari", "Mobile Safari"},
	"Edge":      {"Edge", "Edge Mobile"},
	"Opera":     {"Opera", "Opera Mobile"},
	"YaBrowser": {"Yandex Browser"}, "Headless Chrome": {"HeadlessChrome"}, "DuckDuckGo": {"DuckDuckGo Mobile"}, "OkHttp": {"okhttp"},
	"python-requests": {"Python Requests"}, "UCWEB": {"UC Browser"}, "Mobile App": {"Mobile Safari UI/WKWebView"},
}

func mssolaAgrees(c outsideCase) bool {
	name := readBase(c.UserAgent).browser
	for _, family := range append(mssolaNames[name], name) {
		if family == c.Family {
			return true
		}
	}
	return false
}

type score struct{ cases, ours, mssola int }

// The agreement with the outside truth. The floors are what was reached: a change that loses a case fails.
func TestAgreementOfFamilies(t *testing.T) {
	folder := shared(t)
	families := bankFamilies(t, filepath.Join(folder, "bank_families.txt"))
	byFamily, total := map[string]score{}, score{}
	for _, c := range outsideCases(t, filepath.Join(folder, "test_ua.yaml")) {
		if !families[c.Family] {
			continue
		}
		s := byFamily[c.Family]
		s.cases++
		a := Parse(c.UserAgent, Hints{})
		if got := outsideName(a); got == c.Family {
			s.ours++
		} else {
			t.Logf("%s, we say %s %q: %s", c.Family, got, a.Name, c.UserAgent)
		}
		if mssolaAgrees(c) {
			s.mssola++
		}
		byFamily[c.Family] = s
	}
	for _, s := range byFamily {
		total = score{total.cases + s.cases, total.ours + s.ours, total.mssola + s.mssola}
	}
	t.Logf("families: %d cases, we agree in %d, mssola in %d", total.cases, total.ours, total.mssola)
	if total.ours < familyFloor || total.ours*100 < total.cases*95 {
		t.Errorf("agreement in %d of %d cases, was %d", total.ours, total.cases, familyFloor)
	}
	checkTable(t, "families", agreementTable(byFamily, total))
}

const familyFloor = 117

// today recognises the strings of browsers that are still used: a bank's customers do not come with a Nokia of 2008.
var today = regexp.MustCompile(`(?:Chrome|CriOS|Firefox|FxiOS|EdgA?|EdgiOS|Version|SamsungBrowser)/(\d+)|(?:iPhone|CPU)[ +]OS[ +](\d+)`)

func ofToday(userAgent string) bool {
	if !strings.HasPrefix(userAgent, "Mozilla/5.0") {
		return false
	}
	for _, m := range today.FindAllStringSubmatch(userAgent, -1) {
		if n, _ := strconv.Atoi(m[1] + m[2]); n >= 9 {
			return true
		}
	}
	return false
}

// outsideOS gives our word for uap-core's.
var outsideOS = map[string]detector.OS{
	"Windows": detector.Windows, "Windows NT": detector.Windows, "Mac OS X": detector.MacOS, "Linux": detector.Linux, "Ubuntu": detector.Linux, "Debian": detector.Linux,
	"Chrome OS": detector.ChromeOS, "Android": detector.Android, "iOS": detector.IOS, "HarmonyOS": detector.HarmonyOS,
}

var mssolaOS = map[string]detector.OS{"Windows": detector.Windows, "Mac OS X": detector.MacOS, "Linux": detector.Linux, "Ubuntu": detector.Linux,
	"CrOS": detector.ChromeOS, "Android": detector.Android, "iPhone OS": detector.IOS, "OS": detector.IOS, "OpenHarmony": detector.HarmonyOS}

func TestAgreementOfOperatingSystems(t *testing.T) {
	folder := shared(t)
	byOS, total := map[string]score{}, score{}
	for _, c := range outsideCases(t, filepath.Join(folder, "test_os.yaml")) {
		want, ok := outsideOS[c.Family]
		if !ok || !ofToday(c.UserAgent) {
			continue
		}
		s := byOS[want.String()]
		s.cases++
		total.cases++
		if a := Parse(c.UserAgent, Hints{}); a.OS == want {
			s.ours++
			total.ours++
		} else {
			t.Logf("%s, we say %s: %s", want, a.OS, c.UserAgent)
		}
		if mssolaOS[readBase(c.UserAgent).os] == want {
			s.mssola++
			total.mssola++
		}
		byOS[want.String()] = s
	}
	t.Logf("operating systems: %d cases, we agree in %d, mssola in %d", total.cases, total.ours, total.mssola)
	if total.ours < osFloor {
		t.Errorf("agreement in %d of %d cases, was %d", total.ours, total.cases, osFloor)
	}
	checkTable(t, "operating systems", agreementTable(byOS, total))
}

const osFloor = 43

func agreementTable(rows map[string]score, total score) string {
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("| | cases | sessionguard | mssola alone |\n|---|---|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", name, rows[name].cases, rows[name].ours, rows[name].mssola)
	}
	percent := func(n int) string { return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(total.cases)) }
	fmt.Fprintf(&b, "| **all** | %d | %s | %s |\n", total.cases, percent(total.ours), percent(total.mssola))
	return b.String()
}

// checkTable compares a table with the one between two marks in the docs; -update writes it.
func checkTable(t *testing.T, name, table string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "enrichment.md")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	start, end := "<!-- agreement: "+name+" -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(content), start)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no marks for the table of %s", path, name)
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table of %s in %s is not what was measured; run this test with -update\n%s", name, path, table)
	}
	if err := os.WriteFile(path, []byte(before+start+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
