package unknown

//own:allow // want `own:allow: name the rule, and say why the line is right`

//own:allow not-sent the name is wrong // want `own:allow: there is no rule not-sent`

//own:allow notsend so is this // want `own:allow: there is no rule notsend`

//own:allow not-send this one exists

//own:other is not for us
