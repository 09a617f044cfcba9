<?php
/**
 * Statuses in words.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Tracking;

defined( 'ABSPATH' ) || exit;

/**
 * For shoppers and merchants alike.
 */
final class Words {

	/**
	 * A status in words. One that is new to this version is shown as what it surely is.
	 *
	 * @param string $status As the gateway names it.
	 */
	public static function of( string $status ): string {
		$words = array(
			'DRAFT'                => __( 'Not booked yet', 'doorstep' ),
			'QUOTED'               => __( 'Not booked yet', 'doorstep' ),
			'SEARCHING'            => __( 'Looking for a courier', 'doorstep' ),
			'BOOKED'               => __( 'Booked', 'doorstep' ),
			'LABEL_READY'          => __( 'Ready for the carrier', 'doorstep' ),
			'COURIER_ASSIGNED'     => __( 'A courier is found', 'doorstep' ),
			'TO_PICKUP'            => __( 'A courier is on the way to the shop', 'doorstep' ),
			'AT_PICKUP'            => __( 'The courier is at the shop', 'doorstep' ),
			'PICKED_UP'            => __( 'Picked up', 'doorstep' ),
			'IN_TRANSIT'           => __( 'On the way', 'doorstep' ),
			'OUT_FOR_DELIVERY'     => __( 'Out for delivery', 'doorstep' ),
			'AT_DROPOFF'           => __( 'At the door', 'doorstep' ),
			'READY_FOR_COLLECTION' => __( 'Ready to be collected', 'doorstep' ),
			'ATTEMPT_FAILED'       => __( 'Could not be delivered', 'doorstep' ),
			'DELIVERED'            => __( 'Delivered', 'doorstep' ),
			'RETURNING'            => __( 'On the way back to the shop', 'doorstep' ),
			'RETURNED'             => __( 'Returned to the shop', 'doorstep' ),
			'CANCELLED'            => __( 'Cancelled', 'doorstep' ),
			'FAILED'               => __( 'Failed', 'doorstep' ),
		);
		return isset( $words[ $status ] ) ? $words[ $status ] : __( 'Being delivered', 'doorstep' );
	}
}
