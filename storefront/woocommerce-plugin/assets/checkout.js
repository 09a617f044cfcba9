/**
 * The classic checkout: a picked time changes the total, and options that have become old are asked for again.
 */
( function ( $ ) {
	'use strict';

	// An open page that nobody looks at any more must not ask for ever.
	const LOOKS = 20;
	let looks = 0;
	let timer = 0;

	function refreshLater() {
		const age = document.querySelector( '.doorstep-age' );
		clearTimeout( timer );
		if ( ! age || looks >= LOOKS ) {
			return;
		}
		timer = setTimeout( function () {
			if ( document.visibilityState === 'visible' && ! $( 'form.checkout' ).is( '.processing' ) ) {
				looks += 1;
				$( document.body ).trigger( 'update_checkout' );
			} else {
				refreshLater();
			}
		}, Math.max( 10, Number( age.dataset.seconds ) + 1 ) * 1000 );
	}

	$( document.body ).on( 'change', '.doorstep-slot', function () {
		$( document.body ).trigger( 'update_checkout' );
	} );
	$( document.body ).on( 'updated_checkout', refreshLater );
	refreshLater();
} )( window.jQuery );
