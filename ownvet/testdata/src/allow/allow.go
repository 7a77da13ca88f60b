package allow

func bad() {}

func lines() {
	bad() // want `^not-send: bad is called$`
	bad() //own:allow not-send the end of the line is for that line
	//own:allow not-send a line of its own is for the next
	bad()
	bad() // want `not-send: bad is called`
}

func comments() {
	// A reader should know more about this.
	//own:allow not-send it is part of a comment
	// which goes on.
	bad()

	//own:allow not-send two directives, and
	//own:allow guard-leak one of them is for another rule
	bad()

	//own:allow not-send there is a line in between // want `^not-send: this own:allow silences nothing; remove it, or move it to the line that is reported$`

	bad() // want `not-send: bad is called`
}

func several() {
	func() { bad(); bad() }() //own:allow not-send both of them
}

func arguments() {
	func(...any) {}(
		bad, 1,
		func() { bad() }, //own:allow not-send inside of a call
		func() { bad() }, // want `not-send: bad is called`
	)
}

func reasons() {
	bad() //own:allow not-send // want `not-send: bad is called` `^not-send: this own:allow gives no reason, so it silences nothing; say after the rule's name why the line is right$`
	// own:allow not-send a space makes it a comment
	bad() // want `not-send: bad is called`
	//own:allow not-send-x is no rule
	bad() // want `not-send: bad is called`
	/*own:allow not-send nor is this a directive*/
	bad() // want `not-send: bad is called`
}

//own:allow not-send for the line after, not for the function // want `silences nothing`
func all() {
	bad() // want `not-send: bad is called`
}

//line generated.y:10
func generated() {
	bad() //own:allow not-send whatever the line is called
}
