package main

// Owners for one goroutine.
var rcMutants = []mutant{
	{
		name: "rc-clone-uncounted",
		bug:  "Rc.Clone does not count the owner that it makes, and the first Drop closes the value under the others (tempting)",
		file: "rc/handle.go",
		old:  "\ts.strong++\n\treturn &Rc[T]{s: s}\n",
		new:  "\treturn &Rc[T]{s: s}\n",
	},
	{
		name: "rc-drop-twice",
		bug:  "a second Drop of an Rc drops another's owner (§6.5: idempotence lost)",
		file: "rc/rc.go",
		old:  "\tr.s = nil\n\tif track.Enabled {\n\t\tr.owner.Gone()\n\t}\n\ts.release()\n",
		new:  "\tif track.Enabled {\n\t\tr.owner.Gone()\n\t}\n\ts.release()\n",
	},
	{
		name: "rc-get-mut-ignores-weaks",
		bug:  "Rc.GetMut does not look for Weaks (§6.5)",
		file: "rc/rc.go",
		old:  "\tif s.strong != 1 || s.weak != 0 {\n",
		new:  "\tif s.strong != 1 {\n",
	},
	{
		name: "rc-make-mut-releases-twice",
		bug:  "Rc.MakeMut releases the owner that its clone has already given up (found here in Arc, commit 68a25f4)",
		file: "rc/rc.go",
		old:  "\t// cost of another owner.\n\ts = r.shared()\n",
		new:  "\t// cost of another owner.\n",
	},
	{
		name: "rc-upgrade-from-zero",
		bug:  "Weak.Upgrade makes an owner of a dead value (§6.5)",
		file: "rc/handle.go",
		old:  "\tif w.s == nil || w.s.strong == 0 {\n",
		new:  "\tif w.s == nil {\n",
	},
	{
		name: "rc-overflows",
		bug:  "Rc.Clone does not look for overflow (rust #27174)",
		file: "rc/handle.go",
		old:  "\tif s.strong == maxCount {\n\t\tpanic(tooManyOwners)\n\t}\n",
		new:  "",
	},
}

// Borrows.
var cellMutants = []mutant{
	{
		name: "refcell-write-while-read",
		bug:  "a RefCell can be borrowed for writing while it is read (tempting: a flag for the writer, and the readers forgotten)",
		file: "cell/borrows.go",
		old:  "\tif b.n != 0 {\n\t\treturn site{}, false\n\t}\n\tb.n = writing\n",
		new:  "\tif b.n == writing {\n\t\treturn site{}, false\n\t}\n\tb.n = writing\n",
	},
	{
		name: "refcell-read-while-written",
		bug:  "a RefCell can be borrowed for reading while it is written (tempting: the sign of the count)",
		file: "cell/borrows.go",
		old:  "\tif uint32(b.n) >= maxReaders {\n",
		new:  "\tif b.n >= maxReaders {\n",
	},
	{
		name: "refcell-clone-uncounted",
		bug:  "Ref.Clone is not counted, and the first Drop lets a writer in beside the other (tempting)",
		file: "cell/ref.go",
		old:  "\treturn r.c, r.c.borrows.mustRead()\n",
		new:  "\treturn r.c, r.at\n",
	},
	{
		name: "refcell-drop-twice",
		bug:  "a second Drop of a Ref ends another's borrow (§6.5: idempotence lost)",
		file: "cell/ref.go",
		old:  "\tr.c = nil\n\tc.borrows.endRead(r.at)\n",
		new:  "\tc.borrows.endRead(r.at)\n",
	},
	{
		name: "refcell-swap-looks-at-one",
		bug:  "Swap does not look whether the other cell is borrowed (tempting)",
		file: "cell/refcell.go",
		old:  "\tother.borrows.mustBeFree()\n",
		new:  "",
	},
	{
		name: "refcell-readers-overflow",
		bug:  "the count of readers wraps round to that of a writer (rust #25841)",
		file: "cell/borrows.go",
		old:  "\tif uint32(b.n) >= maxReaders {\n",
		new:  "\tif b.n == writing {\n",
	},
}
