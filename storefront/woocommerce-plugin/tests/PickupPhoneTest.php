<?php
/**
 * The number that couriers call.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Admin\PickupPhone;

/**
 * A field among WooCommerce's own, so that its REST interface has it too.
 */
final class PickupPhoneTest extends ShopTestCase {

	public function test_the_number_stands_below_the_shops_address(): void {
		$fields = array(
			array( 'type' => 'title' ),
			array( 'id' => 'woocommerce_store_postcode' ),
			array( 'type' => 'sectionend' ),
		);

		$ids = array_map(
			static function ( $field ) {
				return $field['id'] ?? '';
			},
			( new PickupPhone() )->add( $fields )
		);
		$this->assertSame( array( '', 'woocommerce_store_postcode', PickupPhone::OPTION, '' ), $ids );
	}

	public function test_a_page_that_somebody_rebuilt_is_let_be(): void {
		$this->assertSame( array( 'x' ), ( new PickupPhone() )->add( array( 'x' ) ) );
		$this->assertNull( ( new PickupPhone() )->add( null ) );
	}

	public function test_uninstalling_takes_the_number_away(): void {
		$this->assertStringContainsString( "'" . PickupPhone::OPTION . "'", file_get_contents( __DIR__ . '/../uninstall.php' ) );
	}
}
