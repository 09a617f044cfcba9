/**
 * The cart and checkout blocks: times to choose from under the options, and a fresh look when the options become old.
 */
( function ( wc, wp ) {
	'use strict';

	const { ExperimentalOrderShippingPackages, extensionCartUpdate } = wc.blocksCheckout;
	const { createElement, useEffect, useState } = wp.element;
	const { __ } = wp.i18n;
	const NAMESPACE = 'doorstep';
	// An open page that nobody looks at any more must not ask for ever.
	const LOOKS = 20;
	let looks = 0;

	/** The ids of the rates that are selected, one for each package. */
	function selectedRates( cart ) {
		return ( cart?.shippingRates ?? [] ).flatMap( ( group ) =>
			( group.shipping_rates ?? [] ).filter( ( rate ) => rate.selected ).map( ( rate ) => rate.rate_id )
		);
	}

	function SlotPicker( { rate } ) {
		const [ busy, setBusy ] = useState( false );
		const id = `doorstep-slot-${ rate.code }`;
		function pick( event ) {
			setBusy( true );
			extensionCartUpdate( { namespace: NAMESPACE, data: { code: rate.code, slot: event.target.value } } )
				.catch( () => {} )
				.finally( () => setBusy( false ) );
		}
		return createElement(
			'div',
			{ className: 'doorstep-slots', style: { padding: '0 16px 12px' } },
			createElement( 'label', { htmlFor: id }, __( 'Delivery time', 'doorstep' ) ),
			' ',
			createElement(
				'select',
				{ id, value: rate.slot, disabled: busy, onChange: pick },
				rate.slots.map( ( slot ) => createElement( 'option', { key: slot.id, value: slot.id }, slot.label ) )
			)
		);
	}

	function useFreshness( cart, seconds ) {
		useEffect( () => {
			if ( ! seconds || looks >= LOOKS ) {
				return undefined;
			}
			const timer = setInterval( () => {
				if ( document.visibilityState === 'visible' ) {
					looks += 1;
					clearInterval( timer );
					extensionCartUpdate( { namespace: NAMESPACE, data: { action: 'look' } } ).catch( () => {} );
				}
			}, Math.max( 10, seconds + 1 ) * 1000 );
			return () => clearInterval( timer );
		}, [ cart, seconds ] );
	}

	function DeliveryTimes( { cart, extensions } ) {
		const ours = extensions?.[ NAMESPACE ];
		useFreshness( cart, ours?.refresh_in ?? 0 );
		const selected = selectedRates( cart );
		const shown = ( ours?.rates ?? [] ).filter( ( rate ) => selected.includes( rate.rate_id ) );
		return createElement(
			'div',
			null,
			shown.map( ( rate ) => createElement( SlotPicker, { key: rate.rate_id, rate } ) )
		);
	}

	wp.plugins.registerPlugin( NAMESPACE, {
		render: () => createElement( ExperimentalOrderShippingPackages, null, createElement( DeliveryTimes ) ),
		scope: 'woocommerce-checkout',
	} );
} )( window.wc, window.wp );
