/**
 * The panel on an order's page: asks the gateway after the page has come, and books on request.
 */
( function ( $, i18n ) {
	'use strict';

	const { __ } = i18n;

	function call( panel, action ) {
		const data = { action, order: panel.data( 'order' ), nonce: panel.data( 'nonce' ), key: panel.data( 'key' ) };
		$.post( window.ajaxurl, data )
			.done( function ( answer ) {
				if ( answer && answer.success ) {
					panel.html( answer.data.html );
				} else {
					say( panel, answer && answer.data && answer.data.message );
				}
			} )
			.fail( function () {
				say( panel, '' );
			} );
	}

	function say( panel, message ) {
		panel.empty().append( $( '<p>' ).text( message || __( 'No answer. Please load this page again.', 'doorstep' ) ) );
	}

	function book( panel ) {
		panel.find( '.doorstep-book' ).prop( 'disabled', true );
		call( panel, 'doorstep_order_book' );
	}

	$( '.doorstep-order' ).each( function () {
		const panel = $( this );
		panel.on( 'click', '.doorstep-book', function () {
			book( panel );
		} );
		call( panel, 'doorstep_order_show' );
	} );
} )( window.jQuery, window.wp.i18n );
