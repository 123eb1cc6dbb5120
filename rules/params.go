package rules

import (
	"slices"
)

// Params holds a detector's parameters in the order of Detector.Params, defaults filled in.
type Params struct{ values []param }

type param struct {
	num     float64
	weights []float64
	list    *List
	words   uint64
}

// Num gives an Amount.
func (p *Params) Num(i int) float64 { return p.values[i].num }

// On gives a Toggle.
func (p *Params) On(i int) bool { return p.values[i].num != 0 }

// MS gives a Period in milliseconds.
func (p *Params) MS(i int) int64 { return int64(p.values[i].num) }

// Weight gives one weight of a Weights parameter, by its index in Param.Parts.
func (p *Params) Weight(i, part int) float64 { return p.values[i].weights[part] }

// List gives a ListRef; nil when it was not set.
func (p *Params) List(i int) *List { return p.values[i].list }

// Word gives the index of a Word.
func (p *Params) Word(i int) int { return int(p.values[i].words) }

// Has says whether a WordSet holds the word of an index.
func (p *Params) Has(i, word int) bool { return p.values[i].words>>word&1 == 1 }

// defaultParams gives a detector's parameters as they are without `with:`.
func defaultParams(d *Detector) Params {
	p := Params{make([]param, len(d.Params))}
	for i, def := range d.Params {
		v := &p.values[i]
		v.num = def.Default
		for _, part := range def.Parts {
			v.weights = append(v.weights, part.Default)
		}
		if def.Kind == WordSet {
			v.words = 1<<len(def.Words) - 1
		}
	}
	return p
}

// loadParams reads `with:` over a copy of base: what is not listed keeps its value.
func (l *loader) loadParams(n node, detector int, base Params) Params {
	d := &l.lang.Detectors[detector]
	names := make([]string, len(d.Params))
	for i := range d.Params {
		names[i] = d.Params[i].Name
	}
	p := Params{slices.Clone(base.values)}
	o, ok := l.objectOf(n, "detector "+d.Name, "parameter", names)
	if !ok {
		return p
	}
	for i := range d.Params {
		if v, ok := l.get(o, names[i]); ok {
			l.loadParam(v, &d.Params[i], &p.values[i])
		}
	}
	return p
}

func (l *loader) loadParam(n node, def *Param, v *param) {
	switch def.Kind {
	case Amount:
		if num, ok := l.number(n, def.Name, def.Min, def.Max); ok {
			v.num = num
			l.sane(n, def, num, plain)
		}
	case Toggle:
		on, _ := l.flag(n, def.Name)
		v.num = 0
		if on {
			v.num = 1
		}
	case Period:
		l.loadPeriod(n, def, v)
	case Weights:
		v.weights = l.loadWeights(n, def, slices.Clone(v.weights))
	case ListRef:
		v.list = l.listNamed(n, def)
	case Word:
		i, _ := l.word(n, def.Name, def.Words)
		v.words = uint64(i)
	case WordSet:
		v.words = 0
		for _, item := range l.items(n, def.Name) {
			if i, ok := l.word(item, def.Name, def.Words); ok {
				v.words |= 1 << i
			}
		}
	}
}

func (l *loader) loadPeriod(n node, def *Param, v *param) {
	ms, ok := l.period(n, def.Name)
	if !ok {
		return
	}
	write := func(v float64) string { return formatDuration(int64(v)) }
	if num := float64(ms); num < def.Min || num > def.Max {
		l.fail(n, codeForm, "", "%s is a duration from %s to %s, not %s", def.Name, write(def.Min), write(def.Max), n.Value)
		return
	}
	v.num = float64(ms)
	l.sane(n, def, v.num, write)
}

// sane warns about what is possible but was hardly meant.
func (l *loader) sane(n node, def *Param, v float64, write func(float64) string) {
	if low, high := def.Sane[0], def.Sane[1]; (low != 0 || high != 0) && (v < low || v > high) {
		l.warn(n, codeInsane, "", "%s is outside its sane range, %s to %s", def.Name, write(low), write(high))
	}
}

func (l *loader) loadWeights(n node, def *Param, weights []float64) []float64 {
	names := make([]string, len(def.Parts))
	for i, part := range def.Parts {
		names[i] = part.Name
	}
	o, ok := l.objectOf(n, def.Name, "part", names)
	if !ok {
		return weights
	}
	for i, name := range names {
		if v, ok := l.get(o, name); ok {
			if w, ok := l.number(v, "the weight of "+name, def.Min, def.Max); ok {
				weights[i] = w
			}
		}
	}
	return weights
}

func (l *loader) listNamed(n node, def *Param) *List {
	name, ok := l.text(n, def.Name)
	if !ok {
		return nil
	}
	list, ok := l.lists[name]
	if !ok {
		l.fail(n, codeUnknownName, didYouMean(name, sortedKeys(l.lists)), "there is no list %q", name)
		l.blind = true
		return nil
	}
	l.listUsed[name] = true
	if list.Type != def.List && !list.faulty {
		l.fail(n, codeType, "", "%s takes a list of %s, %s is a list of %s", def.Name, def.List, name, list.Type)
	}
	return list
}
